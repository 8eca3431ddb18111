namespace Commerce.Mailing;

/// <summary>Sends mail.</summary>
public interface IMailer
{
    /// <summary>Sends a mail; completes when the mail was accepted for delivery. After a failure, it may be unknown
    /// whether the mail was sent.</summary>
    /// <exception cref="MailNotSentException">The mail was not accepted, or it is unknown whether the mail was
    /// accepted.</exception>
    Task Send(Mail mail, CancellationToken cancellationToken);
}
