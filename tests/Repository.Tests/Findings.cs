namespace Repository.Tests;

/// <summary>Reports all findings of a rule at once, so that one run is enough to fix them.</summary>
internal static class Findings
{
    public static void AssertNone(string rule, IEnumerable<string> findings)
    {
        var found = findings.ToList();
        Assert.True(found.Count == 0, $"{rule}\n  {string.Join("\n  ", found)}\n({found.Count} in all)");
    }
}
