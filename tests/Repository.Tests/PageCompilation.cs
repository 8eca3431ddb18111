using System.Globalization;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Repository.Tests;

/// <summary>
/// Compiles the C# of a page as one program: its statements one after the other, its types beside them, with our generator.
/// </summary>
internal static class PageCompilation
{
    private static readonly CSharpParseOptions ParseOptions = new(LanguageVersion.Preview);

    // What a web project imports by itself, and what a reader of a how-to has at hand.
    private const string Surroundings = """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Net.Http;
        global using System.Net.Http.Json;
        global using System.Threading;
        global using System.Threading.Tasks;
        global using Microsoft.AspNetCore.Builder;
        global using Microsoft.AspNetCore.Hosting;
        global using Microsoft.AspNetCore.Http;
        global using Microsoft.AspNetCore.Routing;
        global using Microsoft.Extensions.Configuration;
        global using Microsoft.Extensions.DependencyInjection;
        global using Microsoft.Extensions.Hosting;
        global using Microsoft.Extensions.Logging;
        global using Millrace;
        global using Xunit;
        global using static AtHand;

        internal static class AtHand
        {
            public static string[] args => [];
            public static EventStore store => throw new NotSupportedException();
            public static IServiceProvider services => throw new NotSupportedException();
            public static WebApplicationBuilder builder => throw new NotSupportedException();
            public static WebApplication app => throw new NotSupportedException();
            public static CancellationToken cancellationToken => default;
        }
        """;

    public static IEnumerable<string> Problems(string page)
    {
        var trees = Trees(page).Append(CSharpSyntaxTree.ParseText(Surroundings, ParseOptions)).ToList();
        var compilation = CSharpCompilation.Create(
            "Page", trees, References(), new(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));
        CSharpGeneratorDriver.Create(Generators(), parseOptions: ParseOptions)
            .RunGeneratorsAndUpdateCompilation(compilation, out var whole, out var reported);
        return whole.GetDiagnostics().Concat(reported)
            .Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error)
            .Select(Describe)
            .Distinct();
    }

    private static string Describe(Diagnostic diagnostic)
    {
        var place = diagnostic.Location.GetMappedLineSpan();
        return $"{place.Path}:{place.StartLinePosition.Line + 1}: {diagnostic.Id} {diagnostic.GetMessage(CultureInfo.InvariantCulture)}";
    }

    private static IEnumerable<SyntaxTree> Trees(string page)
    {
        var statements = new StringBuilder();
        foreach (var fence in Markdown.Fences(page).Where(fence => fence.Language == "csharp"))
        {
            var root = (CompilationUnitSyntax)CSharpSyntaxTree.ParseText(fence.Text, ParseOptions).GetRoot();
            var usings = string.Concat(root.Usings.Select(import => import.ToFullString()));
            foreach (var statement in root.Members.OfType<GlobalStatementSyntax>())
            {
                Add(statements, fence, statement);
            }

            var types = new StringBuilder(usings);
            foreach (var type in root.Members.Where(member => member is not GlobalStatementSyntax))
            {
                Add(types, fence, type);
            }

            yield return CSharpSyntaxTree.ParseText(types.ToString(), ParseOptions, $"{page}.{fence.Line}.cs");
        }

        var program = $$"""
            internal static class Page
            {
                public static async Task Run()
                {
                    await Task.Yield();
            {{statements}}
                }
            }
            """;
        yield return CSharpSyntaxTree.ParseText(program, ParseOptions, page + ".cs");
    }

    private static void Add(StringBuilder text, Fence fence, SyntaxNode node)
    {
        var line = node.SyntaxTree.GetLineSpan(node.FullSpan).StartLinePosition.Line;
        text.Append(CultureInfo.InvariantCulture, $"\n#line {fence.Line + line} \"{fence.Page}\"\n").Append(node.ToFullString())
            .Append("\n#line default\n");
    }

    private static IEnumerable<ISourceGenerator> Generators()
        => RepositoryFiles.All.Contains("src/Millrace.Generators/Millrace.Generators.csproj")
            ? System.Reflection.Assembly.Load("Millrace.Generators").GetTypes()
                .Where(type => type.GetCustomAttributes(typeof(GeneratorAttribute), false).Length > 0)
                .Select(type => Activator.CreateInstance(type))
                .Select(generator => generator as ISourceGenerator ?? ((IIncrementalGenerator)generator!).AsSourceGenerator())
            : [];

    private static IEnumerable<MetadataReference> References()
        => ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Select(path => MetadataReference.CreateFromFile(path));
}
