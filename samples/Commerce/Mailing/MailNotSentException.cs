namespace Commerce.Mailing;

/// <summary>Thrown when a mail was not accepted, or when it is unknown whether it was.</summary>
public sealed class MailNotSentException(
    string message, Exception? inner = null, MailFailure failure = MailFailure.Connection) : Exception(message, inner)
{
    /// <summary>Gets the kind of the failure.</summary>
    public MailFailure Failure { get; } = failure;
}

/// <summary>Specifies why a mail was not sent.</summary>
public enum MailFailure
{
    /// <summary>The server cannot be reached, or the connection broke.</summary>
    Connection,

    /// <summary>The server did not answer within the timeout.</summary>
    Timeout,

    /// <summary>The connection cannot be encrypted as configured, or the certificate is not trusted.</summary>
    Encryption,

    /// <summary>The server refused the user name or password.</summary>
    Authentication,

    /// <summary>The address is not valid, or the server refused the recipient.</summary>
    Recipient,

    /// <summary>The server refused the mail, or a command before it.</summary>
    Refused,
}
