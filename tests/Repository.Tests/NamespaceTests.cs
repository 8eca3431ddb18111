using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Repository.Tests;

/// <summary>Checks that internal types have the namespace of their folder.</summary>
/// <remarks>
/// Public types keep a flat namespace, and an internal companion in the file of a public type has the namespace of that
/// type.
/// </remarks>
public sealed partial class NamespaceTests
{
    [Fact]
    public void Internal_types_have_the_namespace_of_their_folder()
        => Findings.AssertNone(
            "A file that contains only internal types has the namespace of its folder.",
            from project in RepositoryFiles.Sources("src").GroupBy(Project)
            let publicTypes = project.SelectMany(Types).Where(IsPublic).Select(Name).ToHashSet()
            from path in project
            let types = Types(path).ToList()
            where types.Count > 0 && !types.Any(type => publicTypes.Contains(Name(type)))
            let found = NamespaceOf(types[0])
            where found.Split('.')[0] == "Millrace" && found != Expected(path)
            select $"{path} has {found} instead of {Expected(path)}");

    // A namespace Millrace.Consumers and a class of this name cannot both exist, and a namespace Millrace.Cli.Consumers
    // would hide the class. The folder takes the name of the activity: Consuming, Locking, Scheduling.
    [Fact]
    public void Folders_do_not_have_the_name_of_a_public_type()
    {
        var types = RepositoryFiles.Sources("src/Millrace").SelectMany(Types)
            .Where(type => IsPublic(type) && type is not TypeDeclarationSyntax { Arity: > 0 })
            .Select(type => Name(type).Split('.')[^1]).ToHashSet();

        Findings.AssertNone(
            "A folder does not have the name of a public type of Millrace: name it after the activity.",
            RepositoryFiles.Sources("src").Where(path => Project(path) != "Shared")
                .SelectMany(path => path.Split('/')[2..^1]).Distinct().Where(types.Contains));
    }

    private static string Project(string path) => path.Split('/')[1];

    private static string Expected(string path)
        => string.Join('.', [RootNamespace(Project(path)), .. path.Split('/')[2..^1]]);

    private static string RootNamespace(string project)
    {
        if (project == "Shared")
            return "Millrace.Shared";
        var match = RootNamespaceElement().Match(RepositoryFiles.Text($"src/{project}/{project}.csproj"));
        return match.Success ? match.Groups[1].Value : project;
    }

    private static IEnumerable<MemberDeclarationSyntax> Types(string path) =>
        RepositoryFiles.Syntax(path)
            .DescendantNodes(node => node is CompilationUnitSyntax or BaseNamespaceDeclarationSyntax)
            .OfType<MemberDeclarationSyntax>()
            .Where(member => member is BaseTypeDeclarationSyntax or DelegateDeclarationSyntax);

    private static bool IsPublic(MemberDeclarationSyntax type) => type.Modifiers.Any(SyntaxKind.PublicKeyword);

    private static string Name(MemberDeclarationSyntax type)
        => NamespaceOf(type) + "." + (type switch
        {
            DelegateDeclarationSyntax declaration => declaration.Identifier.Text,
            BaseTypeDeclarationSyntax declaration => declaration.Identifier.Text,
            _ => throw new InvalidOperationException(type.Kind().ToString()),
        });

    private static string NamespaceOf(MemberDeclarationSyntax type)
        => type.Parent is BaseNamespaceDeclarationSyntax { Name: var name } ? name.ToString() : "";

    [GeneratedRegex("<RootNamespace>(.+)</RootNamespace>")]
    private static partial Regex RootNamespaceElement();
}
