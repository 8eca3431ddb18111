using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Millrace.Generators.Tests;

/// <summary>Runs the generator on source text, as the compiler does.</summary>
internal static class GeneratorRunner
{
    private const string Usings = """
        global using System;
        global using System.Collections.Generic;
        global using System.Linq;
        global using System.Threading;
        global using System.Threading.Tasks;
        global using Millrace;
        """;

    private static readonly CSharpParseOptions Parse = new(LanguageVersion.Preview, DocumentationMode.Diagnose);

    private static readonly ImmutableArray<MetadataReference> References =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => !Path.GetFileName(path).StartsWith("Millrace.Generators", StringComparison.Ordinal))
            .Select(path => MetadataReference.CreateFromFile(path)),
    ];

    public static CSharpCompilation Compile(params IEnumerable<string> sources) =>
        CSharpCompilation.Create(
            "Sample",
            sources
                .Select((text, index) => CSharpSyntaxTree.ParseText(text, Parse, $"Source{index}.cs"))
                .Prepend(CSharpSyntaxTree.ParseText(Usings, Parse, "Usings.cs")),
            References,
            new CSharpCompilationOptions(
                OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));

    public static GeneratorDriver Driver() =>
        CSharpGeneratorDriver.Create(
            [new ModelGenerator().AsSourceGenerator()],
            parseOptions: Parse,
            driverOptions: new GeneratorDriverOptions(
                IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true));

    /// <summary>Returns the diagnostics of the generator for a source.</summary>
    public static ImmutableArray<Diagnostic> Diagnose(string source) =>
        Driver().RunGenerators(Compile(source)).GetRunResult().Diagnostics;

    /// <summary>Returns the generated files of a source by their names.</summary>
    public static IReadOnlyDictionary<string, string> Files(params string[] sources) =>
        Driver()
            .RunGenerators(Compile(sources))
            .GetRunResult()
            .Results[0]
            .GeneratedSources.ToDictionary(
                file => file.HintName, file => file.SourceText.ToString(), StringComparer.Ordinal);

    /// <summary>Returns all errors, and the warnings in generated code, for sources.</summary>
    public static IReadOnlyList<string> Problems(params string[] sources)
    {
        Driver().RunGeneratorsAndUpdateCompilation(Compile(sources), out var compilation, out var reported);
        foreach (var tree in compilation
                .SyntaxTrees.Where(tree => tree.FilePath.EndsWith(".g.cs", StringComparison.Ordinal))
                .ToList())
        {
            // A warning that generated code disables is still an error of the generator.
            const string Disabled = "#pragma warning disable ";
            var text = tree.ToString()
                .Replace(Disabled + "//", Disabled + "CS0108, CS0612, CS0618 //", StringComparison.Ordinal);
            compilation = compilation.ReplaceSyntaxTree(tree, CSharpSyntaxTree.ParseText(text, Parse, tree.FilePath));
        }
        return
        [
            .. reported
                .Concat(compilation.GetDiagnostics())
                .Where(found =>
                    found.Severity >= (IsGenerated(found) ? DiagnosticSeverity.Warning : DiagnosticSeverity.Error))
                .Select(found => found.ToString()),
        ];
    }

    private static bool IsGenerated(Diagnostic found) =>
        found.Location.SourceTree?.FilePath.EndsWith(".g.cs", StringComparison.Ordinal) == true;
}
