namespace Commerce.Mailing;

/// <summary>Specifies the mail server and how to connect to it.</summary>
public sealed record SmtpOptions
{
    /// <summary>The host name or address, or null when mail is written to a folder.</summary>
    public string? Host { get; init; }

    /// <summary>The port: usually 25, 587 with STARTTLS, or 465 with implicit TLS.</summary>
    public int Port { get; init; } = 25;

    /// <summary>How the connection is encrypted.</summary>
    public SmtpSecurity Security { get; init; }

    /// <summary>A PEM file with certificates to trust in addition to those of the system; null for none.</summary>
    public string? TrustedCertificates { get; init; }

    /// <summary>The user name; null to send without authentication.</summary>
    public string? User { get; init; }

    /// <summary>The password of <see cref="User"/>.</summary>
    public string? Password { get; init; }

    /// <summary>The maximum time for one mail, from the connection to the server's acceptance.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(20);
}

/// <summary>Specifies how a connection to a mail server is encrypted.</summary>
public enum SmtpSecurity
{
    /// <summary>The connection is not encrypted.</summary>
    None,

    /// <summary>STARTTLS is used if the server offers it. An attacker on the network can remove the offer.</summary>
    Available,

    /// <summary>STARTTLS is required.</summary>
    Required,

    /// <summary>The connection starts with TLS.</summary>
    Implicit,
}
