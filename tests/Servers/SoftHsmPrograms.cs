namespace Servers;

/// <summary>Finds SoftHSM 2 on this machine.</summary>
public static class SoftHsmPrograms
{
    /// <summary>The reason of a skipped test.</summary>
    public const string Missing = "needs SoftHSM: apt-get install softhsm2";

    /// <summary>Gets the path of the PKCS#11 library, or null if SoftHSM is not installed.</summary>
    public static string? Library { get; } = new[]
    {
        "/usr/lib/softhsm/libsofthsm2.so",
        "/usr/lib64/softhsm/libsofthsm2.so",
        "/usr/local/lib/softhsm/libsofthsm2.so",
    }.FirstOrDefault(File.Exists);

    /// <summary>Gets why tests are skipped, or null if SoftHSM is installed or the tests run in CI.</summary>
    public static string? ReasonToSkip { get; } =
        Library is null && Environment.GetEnvironmentVariable("CI") is not ("1" or "true") ? Missing : null;
}
