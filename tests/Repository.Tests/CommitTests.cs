using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Repository.Tests;

/// <summary>Checks that the subjects of the newest commits are short and name their area.</summary>
public sealed partial class CommitTests
{
    private const int MaxSubject = 72;

    [Fact]
    public void The_newest_commits_have_short_subjects_with_an_area()
        => Findings.AssertNone(
            $"A commit's subject has at most {MaxSubject} characters and no final period, and starts with its area: "
                + "'PostgreSQL: batch single appends'.",
            from subject in Subjects()
            where subject.Length > MaxSubject || !WithArea().IsMatch(subject) || subject.EndsWith('.')
            select $"{subject.Length}: {subject}");

    /// <summary>Returns the subjects of the last 50 commits, or none if git or the history is missing.</summary>
    private static string[] Subjects()
    {
        var start = new ProcessStartInfo("git", ["log", "-50", "--no-merges", "--format=%s"])
        {
            WorkingDirectory = RepositoryRoot.Folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            using var git = Process.Start(start);
            if (git is null)
                return [];
            var output = git.StandardOutput.ReadToEnd();
            git.WaitForExit();
            return git.ExitCode == 0 ? output.Split('\n', StringSplitOptions.RemoveEmptyEntries) : [];
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return [];
        }
    }

    [GeneratedRegex(@"^[A-Z][\w#+., -]*: \S")]
    private static partial Regex WithArea();
}
