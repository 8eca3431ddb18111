namespace Servers;

/// <summary>Finds OpenStack Swift, object storage with the interface of S3, on this machine.</summary>
public static class SwiftPrograms
{
    /// <summary>The reason of a skipped test.</summary>
    public const string Missing = "needs Swift: apt-get install python3-swift";

    /// <summary>Gets the path of the Python of Swift, or null if Swift is not installed.</summary>
    public static string? Python { get; } =
        Directory.Exists("/usr/lib/python3/dist-packages/swift") ? "/usr/bin/python3" : null;

    /// <summary>Gets why tests are skipped, or null if Swift is installed or the tests run in CI.</summary>
    public static string? ReasonToSkip { get; } =
        Python is null && Environment.GetEnvironmentVariable("CI") is not ("1" or "true") ? Missing : null;
}
