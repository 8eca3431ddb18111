namespace Repository.Tests;

/// <summary>Reports all findings of a rule in one failure.</summary>
internal static class Findings
{
    public static void AssertNone(string rule, IEnumerable<string> findings)
    {
        var list = findings.ToList();
        Assert.True(list.Count == 0, $"{rule}\n  {string.Join("\n  ", list)}\n({list.Count} in all)");
    }
}
