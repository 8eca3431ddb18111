namespace Servers;

/// <summary>Finds Redis on this machine.</summary>
public static class RedisPrograms
{
    /// <summary>The reason of a skipped test.</summary>
    public const string Missing = "needs Redis: apt-get install redis-server";

    private const string Name = "redis-server";

    /// <summary>Gets the path of the server program, or null if Redis is not installed.</summary>
    public static string? Server { get; } =
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Append("/usr/bin")
        .Select(path => Path.Combine(path, Name)).FirstOrDefault(File.Exists);

    /// <summary>Gets why tests are skipped, or null if Redis is installed or the tests run in CI.</summary>
    public static string? ReasonToSkip { get; } =
        Server is null && Environment.GetEnvironmentVariable("CI") is not ("1" or "true") ? Missing : null;
}
