using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Millrace.Testing.Tests;

/// <summary>Compiles and runs the source code of a generated test.</summary>
internal static class CompiledTest
{
    /// <summary>Returns the exception of the only test of the class, or null if the test passes.</summary>
    public static async Task<Exception?> Run(string code)
    {
        var trusted = (string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!; // Every .NET process has this value.
        var compilation = CSharpCompilation.Create(
            $"Compiled{Guid.NewGuid():N}",
            [CSharpSyntaxTree.ParseText(code)],
            trusted.Split(Path.PathSeparator).Select(path => MetadataReference.CreateFromFile(path)),
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary));
        using var bytes = new MemoryStream();
        var emitted = compilation.Emit(bytes);
        Assert.True(emitted.Success, string.Join("\n", emitted.Diagnostics) + "\n" + code);
        var test = Assembly.Load(bytes.ToArray()).GetExportedTypes().Single();
        var fact = test.GetMethods().Single(method => method.GetCustomAttribute<FactAttribute>() is not null);
        try
        {
            if (fact.Invoke(Activator.CreateInstance(test), null) is Task running)
                await running;
            return null;
        }
        catch (TargetInvocationException failed)
        {
            return failed.InnerException;
        }
#pragma warning disable CA1031 // The caller inspects the exception, whatever its type is.
        catch (Exception failed)
#pragma warning restore CA1031
        {
            return failed;
        }
    }

    /// <summary>Runs lines of code as the body of a test method.</summary>
    public static Task<Exception?> RunLines(string lines) => Run(
        $$"""
        using System;
        using System.Collections.Generic;
        using System.Linq;
        using Bakery;
        using Millrace;
        using Millrace.Testing;
        using Xunit;

        public sealed class Pasted
        {
            [Fact]
            public void Shortest_history()
            {
                {{lines}}
            }
        }
        """);
}
