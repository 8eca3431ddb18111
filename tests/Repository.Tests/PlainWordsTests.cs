using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Repository.Tests;

/// <summary>Checks that comments, strings and pages are written in plain technical English.</summary>
/// <remarks>
/// Each rule has a maximum number of findings. Lower the maximum when the number falls, and never raise it.
/// </remarks>
public sealed class PlainWordsTests
{
    private const int MaxShown = 40;

    // This file contains the words themselves.
    private const string OwnFile = "tests/Repository.Tests/PlainWordsTests.cs";

    private static readonly Lazy<List<(string Place, string Text)>> Texts = new(Read);

    public static TheoryData<string, string, int> Rules => new()
    {
        { @"\b[Ww]hoever\b|(?:^|[.:;] )Who (?!am\b)[a-z]+\b(?![^.]*\?)", "name the actor: 'a caller that …'", 0 },
        { @"\b(?:is|are|was|were|be|been|being) (?:told|said)\b", "'is reported', 'is documented', 'returns'", 5 },
        { @"\b[Ss]tands? (?:in|for|there|by|behind)\b", "'is in', 'is stored', 'waits'", 0 },
        { @"\bneeds? (?:it|them|no caller) not\b|\bneed not\b", "'does not need …'", 0 },
        { @"\bGives up\b", "'Cancels the operation.'", 0 },
        { @"\bof (?:its|their|his|one's|ours|yours|the user's) own\b", "'its own …' before the noun, or nothing", 4 },
        { @"\b(?:[Nn]obody|[Ss]omebody|[Ee]verybody|[Aa]nybody)\b", "'no caller', 'another node', 'any client'", 93 },
        { @"\b[Ll]ook(?:s|ed|ing)? (?:into|whether)\b", "'inspects', 'checks whether'", 0 },
        { @"\bby (?:itself|themselves)\b", "'automatically', or nothing", 0 },
        { @"\b[Mm]end(?:s|ed|ing)?\b", "'fixes'", 4 },
        { @"\b[Tt]here is no such thing\b", "name what was not found", 0 },
    };

    [Theory]
    [MemberData(nameof(Rules))]
    public void Text_uses_plain_words(string words, string instead, int maxFindings)
    {
        var pattern = new Regex(words, RegexOptions.CultureInvariant);
        var found = Texts.Value.Where(text => pattern.IsMatch(text.Text)).ToList();

        Assert.True(
            found.Count <= maxFindings,
            $"Write {instead}. {found.Count} texts match {words}, and at most {maxFindings} are allowed:\n  "
                + string.Join("\n  ", found.Take(MaxShown).Select(text => $"{text.Place}: {text.Text.Trim()}")));
    }

    private static List<(string Place, string Text)> Read() =>
    [
        .. RepositoryFiles.All
            .Where(path => path != OwnFile)
            .SelectMany(path => Path.GetExtension(path) switch
            {
                ".cs" => InCode(path),
                ".md" => RepositoryFiles.Lines(path).Select((line, index) => ($"{path}:{index + 1}", line)),
                _ => [],
            }),
    ];

    /// <summary>Returns the lines of all comments and strings of a file.</summary>
    private static IEnumerable<(string Place, string Text)> InCode(string path)
    {
        var root = RepositoryFiles.Syntax(path);
        var comments = root.DescendantTrivia()
            .Where(trivia => IsComment(trivia.Kind()))
            .Select(trivia => (trivia.GetLocation(), trivia.ToFullString()));
        var strings = root.DescendantTokens()
            .Where(token => IsText(token.Kind()))
            .Select(token => (token.GetLocation(), token.Text));
        foreach (var (location, text) in comments.Concat(strings))
        {
            var line = location.GetLineSpan().StartLinePosition.Line + 1;
            foreach (var part in text.Split('\n').Index())
                yield return ($"{path}:{line + part.Index}", part.Item.TrimStart(' ', '/'));
        }
    }

    private static bool IsComment(SyntaxKind kind) => kind
        is SyntaxKind.SingleLineCommentTrivia
            or SyntaxKind.MultiLineCommentTrivia
            or SyntaxKind.SingleLineDocumentationCommentTrivia;

    private static bool IsText(SyntaxKind kind) => kind
        is SyntaxKind.StringLiteralToken
            or SyntaxKind.InterpolatedStringTextToken
            or SyntaxKind.SingleLineRawStringLiteralToken
            or SyntaxKind.MultiLineRawStringLiteralToken;
}
