namespace Millrace;

/// <summary>How a connection to a mail server is encrypted.</summary>
public enum MailSecurity
{
    /// <summary>The connection is not encrypted.</summary>
    None,

    /// <summary>STARTTLS is required.</summary>
    StartTls,

    /// <summary>The connection starts with TLS.</summary>
    Implicit,
}
