using Millrace.Notifications;
using MimeKit;

namespace Millrace;

/// <summary>The options of a channel that sends mail by SMTP.</summary>
public sealed class MailOptions
{
    /// <summary>Gets or sets the host name of the mail server.</summary>
    public string? Host { get; set; }

    /// <summary>
    /// Gets or sets the port: 587 with STARTTLS, the default, 465 with implicit TLS, or 25.
    /// </summary>
    public int Port { get; set; } = 587;

    /// <summary>Gets or sets how the connection is encrypted; STARTTLS is required by default.</summary>
    public MailSecurity Security { get; set; } = MailSecurity.StartTls;

    /// <summary>
    /// Gets or sets the PEM file with certificates of authorities that are trusted in addition to those of the system;
    /// null, the default, for none. It is read at the start.
    /// </summary>
    public string? CertificateAuthorityFile { get; set; }

    /// <summary>Gets or sets the user name; null, the default, to send without authentication.</summary>
    public string? User { get; set; }

    /// <summary>Gets or sets the password, which needs an encrypted connection.</summary>
    public string? Password { get; set; }

    /// <summary>Gets or sets the address of the sender.</summary>
    public string? From { get; set; }

    /// <summary>Gets or sets the addresses of the recipients, at least one; none by default.</summary>
    public IReadOnlyList<string> To { get; set; } = [];

    internal IEnumerable<string> Problems()
    {
        if (string.IsNullOrWhiteSpace(Host))
            yield return "Host: must be the host name of a mail server.";
        if (Port is < 1 or > 65_535)
            yield return $"Port: must be from 1 to 65,535, but is {Port}.";
        if (!Enum.IsDefined(Security))
            yield return "Security: must be None, StartTls or Implicit.";
        if (Password is not null && Security == MailSecurity.None)
            yield return "Security: must be StartTls or Implicit, because there is a password.";
        if (CertificateAuthorityFile is { } file)
        {
            if (Security == MailSecurity.None)
                yield return "CertificateAuthorityFile: needs an encrypted connection. Set Security to StartTls or "
                    + "Implicit.";
            if (TrustedCertificates.ProblemOf(file) is { } problem)
                yield return $"CertificateAuthorityFile: {problem}";
        }
        if (!IsAddress(From))
            yield return "From: must be a mail address.";
        if (To is not { Count: > 0 } || !To.All(IsAddress))
            yield return "To: must be mail addresses, at least one.";
    }

    private static bool IsAddress(string? text) => text is not null && MailboxAddress.TryParse(text, out _);
}
