namespace Repository.Tests;

/// <summary>What a rule found, shown all at once, so that one run is enough to fix it.</summary>
internal static class Findings
{
    public static void AssertNone(string rule, IEnumerable<string> findings)
    {
        var found = findings.ToList();
        Assert.True(found.Count == 0, $"{rule}\n  {string.Join("\n  ", found)}\n({found.Count} in all)");
    }
}
