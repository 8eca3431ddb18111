namespace Servers;

/// <summary>Finds etcd on this machine.</summary>
public static class EtcdPrograms
{
    /// <summary>The reason of a skipped test.</summary>
    public const string Missing = "needs etcd: apt-get install etcd-server";

    /// <summary>Gets the path of the server program, or null if etcd is not installed.</summary>
    public static string? Server { get; } =
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Append("/usr/bin")
        .Select(path => Path.Combine(path, "etcd")).FirstOrDefault(File.Exists);

    /// <summary>Gets why tests are skipped, or null if etcd is installed or the tests run in CI.</summary>
    public static string? ReasonToSkip { get; } =
        Server is null && Environment.GetEnvironmentVariable("CI") is not ("1" or "true") ? Missing : null;
}
