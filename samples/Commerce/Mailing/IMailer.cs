namespace Commerce.Mailing;

/// <summary>Brings mail on its way.</summary>
public interface IMailer
{
    /// <summary>Returns when somebody else answers for the mail. Where this fails nobody knows
    /// whether it was sent.</summary>
    /// <exception cref="MailNotSentException">It was not taken, or nobody knows.</exception>
    Task Send(Mail mail, CancellationToken cancellationToken);
}
