using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Repository.Tests;

/// <summary>Checks that names follow .NET and the domain, for example Max, Min, DeadLetter and Coordinator.</summary>
public sealed partial class NamingTests
{
    private static readonly string[] ProductFolders = ["src", "samples", "benchmarks"];
    private static readonly string[] AllFolders = [.. ProductFolders, "tests"];

    // Files that may use the word Letter, each with its reason.
    private static readonly Dictionary<string, string> AllowedLetters = new(StringComparer.Ordinal)
    {
        ["src/Millrace.Testing.FsCheck/Generation/PrimitiveGenerators.cs"] = "The letters of generated texts.",
        ["src/Millrace/Discovery/ServiceInstance.cs"] = "The letters of a random instance id.",
        ["src/Millrace.PostgreSql/Log/UserStatements.cs"] = "Whether a character is a letter.",
        ["src/Millrace.Cli/Models/MarkdownText.cs"] = "Whether a character is a letter.",
        ["src/Millrace.AspNetCore/Live/LiveView.cs"] = "The JSON member openLetters of the HTTP API.",
        ["src/Millrace.AspNetCore/Consuming/ConsumerView.cs"] = "The JSON member openLetters of the HTTP API.",
        ["src/Millrace.AspNetCore/Consuming/PartitionView.cs"] = "The JSON member openLetters of the HTTP API.",
    };

    [Fact]
    public void Limits_are_named_Max_and_Min()
        => Findings.AssertNone(
            "A limit is named Max… or Min…, as in .NET, not Most… or Least….",
            from name in Declared(AllFolders)
            where PrivateLimit().IsMatch(name.Text)
            select name.Place);

    [Fact]
    public void A_dead_letter_is_named_DeadLetter()
        => Findings.AssertNone(
            "A letter is a DeadLetter, a retried event or a blocked key: say which.",
            from name in Declared(ProductFolders)
            where Letter().IsMatch(name.Text) && !AllowedLetters.ContainsKey(name.Path)
            select name.Place);

    [Fact]
    public void Types_are_named_after_roles_of_the_field()
        => Findings.AssertNone(
            "Desk, Keeper, Wishes, Pasts and Standing are no roles: use Service, Coordinator, Configurator, Snapshot …",
            from name in Declared(AllFolders)
            where name.Node is BaseTypeDeclarationSyntax && PrivateRole().IsMatch(name.Text)
            select name.Place);

    private static IEnumerable<(string Path, string Text, string Place, SyntaxNode Node)> Declared(string[] folders) =>
        from path in RepositoryFiles.Sources(folders)
        from node in RepositoryFiles.Syntax(path).DescendantNodes()
        let name = NameOf(node)
        where name is not null
        let line = node.GetLocation().GetLineSpan().StartLinePosition.Line + 1
        select (path, name, $"{path}:{line}: {name}", node);

    private static string? NameOf(SyntaxNode node) => node switch
    {
        BaseTypeDeclarationSyntax type => type.Identifier.Text,
        MethodDeclarationSyntax method => method.Identifier.Text,
        PropertyDeclarationSyntax property => property.Identifier.Text,
        VariableDeclaratorSyntax variable => variable.Identifier.Text,
        EnumMemberDeclarationSyntax member => member.Identifier.Text,
        ParameterSyntax parameter => parameter.Identifier.Text,
        LocalFunctionStatementSyntax function => function.Identifier.Text,
        DelegateDeclarationSyntax function => function.Identifier.Text,
        _ => null,
    };

    [GeneratedRegex("^(Most|Least)[A-Z]")]
    private static partial Regex PrivateLimit();

    [GeneratedRegex("(?<!Dead)(?<!dead)(?<!Capital)Letter(s|[A-Z]|$)")]
    private static partial Regex Letter();

    [GeneratedRegex("(Desk|Keeper|Wishes|Pasts|Standing)$")]
    private static partial Regex PrivateRole();
}
