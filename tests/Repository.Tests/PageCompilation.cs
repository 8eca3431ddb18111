using System.Collections.Immutable;
using System.Globalization;
using System.Reflection;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Repository.Tests;

/// <summary>
/// Compiles the C# of a page as one program with the generator of Millrace. The program contains all statements and
/// types of the page.
/// </summary>
internal static class PageCompilation
{
    private static readonly Assembly JsonGenerator = LoadJsonGenerator();
    private static readonly CSharpParseOptions ParseOptions = new(LanguageVersion.Preview);

    // The implicit usings of a web project, and the objects that a how-to page assumes.
    private const string Preamble = """
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
        global using static PageContext;

        public static class PageContext
        {
            public static string[] args => [];
            public static EventStore store { get; set; } = null!;
            public static IServiceProvider services { get; set; } = null!;
            public static WebApplicationBuilder builder => throw new NotSupportedException();
            public static WebApplication app => throw new NotSupportedException();
            public static CancellationToken cancellationToken => default;
        }
        """;

    /// <summary>Returns the page as a program with the generated code.</summary>
    public static Compilation Of(string page)
    {
        var complete = Generate(page, Fence.Of(page).Where(fence => fence.Language == "csharp"), out var reported);
        return reported.Any(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error)
            ? throw new InvalidOperationException(string.Join("\n", reported.Select(Describe)))
            : complete;
    }

    /// <summary>Returns code as a program, with the diagnostics of the generator.</summary>
    public static Compilation Generate(
        string name, IEnumerable<Fence> code, out ImmutableArray<Diagnostic> reported, params AdditionalText[] files)
    {
        var trees = Trees(name, [.. code])
            .Append(CSharpSyntaxTree.ParseText(Preamble, ParseOptions, encoding: Encoding.UTF8));
        var options = new CSharpCompilationOptions(
            OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable);
        var compilation = CSharpCompilation.Create($"Page{Guid.NewGuid():N}", trees, PlatformReferences.All, options);
        CSharpGeneratorDriver.Create(Generators(), files, ParseOptions)
            .RunGeneratorsAndUpdateCompilation(compilation, out var complete, out reported);
        return complete;
    }

    /// <summary>Returns the findings of the Millrace analyzers in a program, including suggestions.</summary>
    public static Task<ImmutableArray<Diagnostic>> Analyze(Compilation page)
        => page.WithAnalyzers(Analyzers).GetAnalyzerDiagnosticsAsync(CancellationToken.None);

    public static IEnumerable<string> Problems(Compilation page) =>
        page.GetDiagnostics()
            .Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error)
            .Select(Describe)
            .Distinct();

    public static string Describe(Diagnostic diagnostic)
    {
        var location = diagnostic.Location.GetMappedLineSpan();
        return $"{location.Path}:{location.StartLinePosition.Line + 1}: {diagnostic.Id} "
            + $"{diagnostic.GetMessage(CultureInfo.InvariantCulture)}";
    }

    private static IEnumerable<SyntaxTree> Trees(string page, List<Fence> fences)
    {
        var roots = fences.ConvertAll(fence =>
            (CompilationUnitSyntax)CSharpSyntaxTree.ParseText(fence.Text, ParseOptions).GetRoot());
        var imports = string.Concat(
            roots.SelectMany(root => root.Usings).Select(import => import.ToString().Trim()).Distinct());

        var statements = new StringBuilder();
        foreach (var (fence, root) in fences.Zip(roots))
        {
            var types = new StringBuilder(imports);
            foreach (var member in root.Members)
            {
                Add(member is GlobalStatementSyntax ? statements : types, fence, member);
            }

            yield return CSharpSyntaxTree.ParseText(
                types.ToString(), ParseOptions, $"{page}.{fence.Line}.cs", Encoding.UTF8);
        }

        var program = $$"""
            {{imports}}
            public static class Page
            {
                public static async Task Run()
                {
                    await Task.Yield();
            {{statements}}
                }
            }
            """;
        yield return CSharpSyntaxTree.ParseText(program, ParseOptions, page + ".cs", Encoding.UTF8);
    }

    private static void Add(StringBuilder text, Fence fence, SyntaxNode node)
    {
        var line = node.SyntaxTree.GetLineSpan(node.FullSpan).StartLinePosition.Line;
        text.Append(CultureInfo.InvariantCulture, $"\n#line {fence.Line + line} \"{fence.Page}\"\n")
            .Append(node.ToFullString())
            .Append("\n#line default\n");
    }

    private static readonly ImmutableArray<DiagnosticAnalyzer> Analyzers =
    [
        .. Assembly.Load("Millrace.Generators").GetTypes()
            .Where(type => type.GetCustomAttributes(typeof(DiagnosticAnalyzerAttribute), false).Length > 0)
            .Select(type => (DiagnosticAnalyzer)Activator.CreateInstance(type)!),
    ];

    private static IEnumerable<ISourceGenerator> Generators()
        => from assembly in (Assembly[])[Assembly.Load("Millrace.Generators"), JsonGenerator]
           from type in assembly.GetTypes()
           where type.GetCustomAttributes(typeof(GeneratorAttribute), false).Length > 0
           let generator = Activator.CreateInstance(type)
           select generator as ISourceGenerator ?? ((IIncrementalGenerator)generator!).AsSourceGenerator();

    // The JSON source generator is part of the SDK. Every project with a JsonSerializerContext uses it.
    private static Assembly LoadJsonGenerator()
    {
        var root = Path.GetFullPath(
            Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "..", "..", ".."));
        var packs = Path.Combine(root, "packs", "Microsoft.NETCore.App.Ref");
        var found = Directory.EnumerateFiles(
            packs, "System.Text.Json.SourceGeneration.dll", SearchOption.AllDirectories);
        return Assembly.LoadFrom(found.Order(StringComparer.Ordinal).Last());
    }
}
