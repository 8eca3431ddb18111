namespace Servers;

/// <summary>Where a mail server is on this machine.</summary>
public static class SmtpPrograms
{
    /// <summary>What a test says that cannot run here.</summary>
    public const string Missing = "needs a mail server: apt-get install python3-aiosmtpd";

    private const string ProgramPath = "/usr/bin/aiosmtpd";

    /// <summary>The server; null when there is none.</summary>
    public static string? Server { get; } = File.Exists(ProgramPath) ? ProgramPath : null;

    /// <summary>Why a test cannot run here; null where it can, and in CI, where it then fails.</summary>
    public static string? ReasonToSkip { get; } =
        Server is null && Environment.GetEnvironmentVariable("CI") is not ("1" or "true") ? Missing : null;
}
