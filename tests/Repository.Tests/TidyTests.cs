using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Repository.Tests;

/// <summary>Checks the sizes, names and comments of the code.</summary>
public sealed partial class TidyTests
{
    private const int FileLines = 400;
    private const int TestFileLines = 600;
    private const int MethodLines = 70;
    private const int LineLength = 120;
    private const int UnbreakableLineLength = 140;

    private static readonly string[] CodeFolders = ["src", "samples", "benchmarks"];
    private static readonly string[] AllFolders = [.. CodeFolders, "tests"];

    // Tests that may wait for real time, each with its reason.
    private static readonly Dictionary<string, string> AllowedDelays = new()
    {
        ["tests/Millrace.Faults.Tests/KilledNode.cs"] =
            "A node is killed at a random time.",
        ["tests/Millrace.Tests/Protection/ReadAheadErasureTests.cs"] =
            "Nothing shows when a page was read ahead.",
    };

    [Fact]
    public void A_file_has_a_maximum_length()
        => Findings.AssertNone(
            $"A file has at most {FileLines} lines, of tests {TestFileLines}.",
            from path in RepositoryFiles.Sources(AllFolders)
            let lines = RepositoryFiles.Lines(path).Length
            where lines > (IsTest(path) ? TestFileLines : FileLines)
            select $"{path}: {lines} lines");

    [Fact]
    public void A_method_has_a_maximum_length()
        => Findings.AssertNone(
            $"A method has at most {MethodLines} lines.",
            from path in RepositoryFiles.Sources(AllFolders)
            from member in RepositoryFiles.Syntax(path).DescendantNodes().Where(HasBody)
            let lines = LineCount(member)
            where lines > MethodLines
            select $"{path}:{LineNumber(member)}: {lines} lines");

    [Fact]
    public void A_line_has_a_maximum_length()
        => Findings.AssertNone(
            $"A line has at most {LineLength} characters; with a reference or a raw string literal "
                + $"{UnbreakableLineLength}. Addresses and texts of several lines may be longer.",
            from path in RepositoryFiles.Sources(AllFolders)
            let lines = RepositoryFiles.Lines(path)
            where lines.Any(line => line.Length > LineLength)
            let verbatim = VerbatimLines(path)
            from line in lines.Index()
            where line.Item.Length > (IsUnbreakable(line.Item) ? UnbreakableLineLength : LineLength)
                && !line.Item.Contains("https://", StringComparison.Ordinal)
                && !verbatim.Contains(line.Index)
            select $"{path}:{line.Index + 1}: {line.Item.Length} characters");

    [Fact]
    public void Names_contain_no_empty_words()
    {
        var fileFindings = from path in RepositoryFiles.All
                           where !path.StartsWith("docs/", StringComparison.Ordinal)
                           from part in path.Split('/')
                           where IsEmptyName(Path.GetFileNameWithoutExtension(part))
                           select path;
        var typeFindings = from path in RepositoryFiles.Sources(AllFolders)
                           from type in RepositoryFiles.Syntax(path).DescendantNodes()
                               .OfType<BaseTypeDeclarationSyntax>()
                           where IsEmptyName(type.Identifier.Text)
                           select $"{path}: {type.Identifier.Text}";

        Findings.AssertNone(
            "Utils, Helpers, Manager, Common, Base and Misc do not name a concept: name what the type is or does.",
            fileFindings.Distinct().Concat(typeFindings));
    }

    [Fact]
    public void Code_uses_a_TimeProvider()
        => Findings.AssertNone(
            "Code in src/ uses a TimeProvider: no Thread.Sleep, DateTime.Now or Task.Delay without a TimeProvider.",
            from path in RepositoryFiles.Sources("src")
            from node in RepositoryFiles.Syntax(path).DescendantNodes()
            where UsesSystemClock(node)
            select $"{path}:{LineNumber(node)}: {node}");

    [Fact]
    public void Tests_wait_for_conditions_and_not_for_time()
        => Findings.AssertNone(
            "Tests and samples do not sleep: wait for a token, MillraceTestHost.Settle, or a condition by "
                + "Eventually of Millrace.Testing.",
            from path in RepositoryFiles.Sources("tests", "samples")
            where !AllowedDelays.ContainsKey(path)
            from node in RepositoryFiles.Syntax(path).DescendantNodes().OfType<InvocationExpressionSyntax>()
            where IsSleep(node)
            select $"{path}:{LineNumber(node)}: {node}");

    [Fact]
    public void Each_allowed_delay_is_used()
        => Findings.AssertNone(
            "Remove tests that no longer sleep from the list.",
            from path in AllowedDelays.Keys
            where !RepositoryFiles.All.Contains(path)
                || !RepositoryFiles.Syntax(path).DescendantNodes().OfType<InvocationExpressionSyntax>().Any(IsSleep)
            select path);

    [Fact]
    public void Remaining_work_is_an_issue_and_not_a_comment()
        => Findings.AssertNone(
            "Remaining work is an issue, not a comment.",
            from path in RepositoryFiles.Sources(AllFolders)
            from line in RepositoryFiles.Lines(path).Index()
            where UntrackedToDo().IsMatch(line.Item)
            select $"{path}:{line.Index + 1}: {line.Item.Trim()}");

    [Fact]
    public void No_file_starts_with_a_licence()
        => Findings.AssertNone(
            "The licence is only in LICENSE.",
            from path in RepositoryFiles.Sources(AllFolders)
            let first = RepositoryFiles.Lines(path).FirstOrDefault() ?? ""
            where
                first.StartsWith("//", StringComparison.Ordinal)
                    && first.Contains("licen", StringComparison.OrdinalIgnoreCase)
                || first.Contains("copyright", StringComparison.OrdinalIgnoreCase)
            select path);

    private static bool IsTest(string path) => path.StartsWith("tests/", StringComparison.Ordinal);

    private static bool HasBody(SyntaxNode node)
        => node is BaseMethodDeclarationSyntax or AccessorDeclarationSyntax or LocalFunctionStatementSyntax;

    private static int LineNumber(SyntaxNode node) => node.GetLocation().GetLineSpan().StartLinePosition.Line + 1;

    private static int LineCount(SyntaxNode node)
    {
        var span = node.GetLocation().GetLineSpan();
        return span.EndLinePosition.Line - span.StartLinePosition.Line + 1;
    }

    private static HashSet<int> VerbatimLines(string path) =>
        [
            .. RepositoryFiles
                .Syntax(path)
                .DescendantNodes()
                .Where(node => node is LiteralExpressionSyntax or InterpolatedStringExpressionSyntax)
                .Select(node => node.GetLocation().GetLineSpan())
                .Where(span => span.EndLinePosition.Line > span.StartLinePosition.Line)
                .SelectMany(span =>
                    Enumerable.Range(
                        span.StartLinePosition.Line, span.EndLinePosition.Line - span.StartLinePosition.Line + 1)),
        ];

    /// <summary>Returns whether a line has a raw string literal or a reference and cannot be broken.</summary>
    private static bool IsUnbreakable(string line) =>
        line.Contains("\"\"\"", StringComparison.Ordinal)
            || line.Contains("<inheritdoc cref=", StringComparison.Ordinal);

    private static bool IsEmptyName(string name) => EmptyWord().IsMatch(name);

    private static bool UsesSystemClock(SyntaxNode node) => node switch
    {
        MemberAccessExpressionSyntax { Name.Identifier.Text: "Now" or "UtcNow" or "Today" } clock
            => clock.Expression.ToString() is "DateTime" or "DateTimeOffset",
        InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax called } call => called.ToString() switch
        {
            "Thread.Sleep" => true,
            "Task.Delay" => !call.ArgumentList.Arguments.Skip(1).Any(IsTimeProvider),
            _ => false,
        },
        _ => false,
    };

    /// <summary>Returns whether a call waits for real time. An infinite wait ends with its token.</summary>
    private static bool IsSleep(InvocationExpressionSyntax call) => call.Expression.ToString() switch
    {
        "Thread.Sleep" or "SpinWait.SpinUntil" => true,
        "Task.Delay" => !call.ArgumentList.Arguments[0].ToString().Contains("Infinite", StringComparison.Ordinal)
            && !call.ArgumentList.Arguments.Skip(1).Any(IsTimeProvider),
        _ => false,
    };

    private static bool IsTimeProvider(ArgumentSyntax argument) =>
        argument.ToString().Contains("time", StringComparison.OrdinalIgnoreCase);

    // Capitals, dots and dashes separate words, so that Database and Baseline do not contain the word Base.
    [GeneratedRegex(
        "(^|[a-z0-9._-])(Utils?|Helpers?|Manager|Common|Base|Misc)($|[A-Z0-9._-])"
        + "|^(utils?|helpers?|manager|common|base|misc)$")]
    private static partial Regex EmptyWord();

    [GeneratedRegex(@"\b(TO" + @"DO|FIX" + @"ME|HA" + @"CK)\b")]
    private static partial Regex UntrackedToDo();
}
