namespace Servers;

/// <summary>Finds a mail server on this machine.</summary>
public static class SmtpPrograms
{
    /// <summary>The reason of a skipped test.</summary>
    public const string Missing = "needs a mail server: apt-get install python3-aiosmtpd";

    private const string ProgramPath = "/usr/bin/aiosmtpd";

    /// <summary>Gets the path of the server program, or null if no mail server is installed.</summary>
    public static string? Server { get; } = File.Exists(ProgramPath) ? ProgramPath : null;

    /// <summary>Gets why tests are skipped, or null if a mail server is installed or the tests run in CI.</summary>
    public static string? ReasonToSkip { get; } =
        Server is null && Environment.GetEnvironmentVariable("CI") is not ("1" or "true") ? Missing : null;
}
