using Microsoft.CodeAnalysis;

namespace Repository.Tests;

/// <summary>Checks that the public API of each package equals the recorded API in its project folder.</summary>
public sealed class PublicApiTests
{
    public static TheoryData<string> Packages => new(
        from path in RepositoryFiles.All
        where path.StartsWith("src/", StringComparison.Ordinal) && path.EndsWith(".csproj", StringComparison.Ordinal)
        select Path.GetFileNameWithoutExtension(path));

    [Theory]
    [MemberData(nameof(Packages))]
    public void The_public_API_is_as_recorded(string package)
    {
        var path = $"src/{package}/PublicApi.txt";
        var actual = PublicApi.Of(package);

        if (Environment.GetEnvironmentVariable("UPDATE_API") == "1")
        {
            File.WriteAllText(RepositoryFiles.FullPath(path), actual);
        }

        var recorded = File.Exists(RepositoryFiles.FullPath(path)) ? RepositoryFiles.Text(path) : "";
        var added = actual.Split('\n').Except(recorded.Split('\n')).Select(line => "+ " + line.TrimEnd());
        var removed = recorded.Split('\n').Except(actual.Split('\n')).Select(line => "- " + line.TrimEnd());
        Findings.AssertNone(
            $"{path} differs. If the change is intended: UPDATE_API=1 ./test --only PublicApi", removed.Concat(added));
        Assert.Equal(recorded, actual);
    }
}
