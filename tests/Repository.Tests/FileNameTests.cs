using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Repository.Tests;

/// <summary>Checks that the name of a file is the name of its main type.</summary>
/// <remarks>
/// A file under src/ is named after its main type (of any arity), or <c>…Exceptions</c> or <c>…Attributes</c> when it
/// contains only such types.
/// It may also contain companions of the main type: small records, enums, exceptions, attributes, interfaces and
/// delegates, and file-local classes. A folder may have its log messages in <c>Log.cs</c>.
/// </remarks>
public sealed class FileNameTests
{
    private const int CompanionLines = 30;

    [Fact]
    public void A_file_is_named_after_its_main_type()
        => Findings.AssertNone(
            "A file is named after one of its types.",
            from path in Files()
            let types = Types(path)
            where types.Count > 0 && !types.Any(type => Name(type) == FileName(path)) && !IsPlural(path, types)
            select $"{path} holds {string.Join(", ", types.Select(Name))}");

    [Fact]
    public void Secondary_types_of_a_file_are_small()
        => Findings.AssertNone(
            $"Beside its main type a file contains only companions of at most {CompanionLines} lines: "
            + "records, enums, exceptions, attributes, interfaces and delegates.",
            from path in Files()
            let types = Types(path)
            where !IsPlural(path, types)
            from type in types
            where Name(type) != FileName(path) && !IsCompanion(type)
            select $"{path} holds {Name(type)} ({LineCount(type)} lines)");

    private static IEnumerable<string> Files()
        => RepositoryFiles.Sources("src").Where(path => !path.EndsWith("/Log.cs", StringComparison.Ordinal));

    private static List<MemberDeclarationSyntax> Types(string path) =>
        [
            .. RepositoryFiles
                .Syntax(path)
                .DescendantNodes(node => node is CompilationUnitSyntax or BaseNamespaceDeclarationSyntax)
                .OfType<MemberDeclarationSyntax>()
                .Where(member => member is BaseTypeDeclarationSyntax or DelegateDeclarationSyntax)
                .Where(member => !member.Modifiers.Any(SyntaxKind.FileKeyword)),
        ];

    private static string Name(MemberDeclarationSyntax type) => type switch
    {
        DelegateDeclarationSyntax declaration => declaration.Identifier.Text,
        BaseTypeDeclarationSyntax declaration => declaration.Identifier.Text,
        _ => throw new InvalidOperationException(type.Kind().ToString()),
    };

    // The second file of a partial type has a suffix: EventStore.Reading.cs.
    private static string FileName(string path) => Path.GetFileName(path).Split('.')[0];

    private static bool IsPlural(string path, List<MemberDeclarationSyntax> types)
        => (FileName(path).EndsWith("Exceptions", StringComparison.Ordinal)
            && types.All(type => Name(type).EndsWith("Exception", StringComparison.Ordinal)))
            || (FileName(path).EndsWith("Attributes", StringComparison.Ordinal) && types.All(IsCompanion));

    private static bool IsCompanion(MemberDeclarationSyntax type) =>
        LineCount(type) <= CompanionLines
        && (
            type
                is RecordDeclarationSyntax
                    or EnumDeclarationSyntax
                    or DelegateDeclarationSyntax
                    or InterfaceDeclarationSyntax
            || Name(type).EndsWith("Exception", StringComparison.Ordinal)
            || Name(type).EndsWith("Attribute", StringComparison.Ordinal));

    private static int LineCount(SyntaxNode node)
    {
        var span = node.GetLocation().GetLineSpan();
        return span.EndLinePosition.Line - span.StartLinePosition.Line + 1;
    }
}
