using MimeKit;

namespace Commerce.Mailing;

/// <summary>Converts mails to MIME messages.</summary>
internal static class MimeMail
{
    /// <summary>Returns the MIME message of a mail.</summary>
    /// <exception cref="MailNotSentException">The recipient's address is not valid.</exception>
    public static MimeMessage From(Mail mail, DateTimeOffset date) => new()
    {
        Date = date,
        From = { new MailboxAddress("", Mail.From) },
        To = { Recipient(mail) },
        Subject = mail.Subject,
        MessageId = mail.MessageId.Trim('<', '>'),
        Body = new TextPart("plain") { Text = mail.Text },
    };

    private static MailboxAddress Recipient(Mail mail)
    {
        try
        {
            return new MailboxAddress("", mail.To.Value);
        }
        catch (ParseException)
        {
            // Without the address: failures are stored unencrypted.
            throw new MailNotSentException(
                "The recipient's address is not valid.", failure: MailFailure.Recipient);
        }
    }
}
