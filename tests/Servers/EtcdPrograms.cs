namespace Servers;

/// <summary>Finds etcd on this machine.</summary>
public static class EtcdPrograms
{
    /// <summary>The reason of a skipped test.</summary>
    public const string Missing = "needs etcd: apt-get install etcd-server";

    /// <summary>The server program; null when it is missing.</summary>
    public static string? Server { get; } =
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Append("/usr/bin")
        .Select(path => Path.Combine(path, "etcd")).FirstOrDefault(File.Exists);

    /// <summary>Why a test cannot run here; null where it can, and in CI, where it then fails.</summary>
    public static string? ReasonToSkip { get; } =
        Server is null && Environment.GetEnvironmentVariable("CI") is not ("1" or "true") ? Missing : null;
}
