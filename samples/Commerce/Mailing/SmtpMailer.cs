using System.Net.Mail;

namespace Commerce.Mailing;

/// <summary>Hands mail over to a server by SMTP.</summary>
/// <remarks>
/// SMTP cannot do it exactly once: when the line breaks after the mail and before the server's answer, nobody knows. So it is sent again,
/// with the same Message-ID, by which the receiver's program can tell.
/// </remarks>
public sealed class SmtpMailer(string host, int port) : IMailer
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public async Task Send(Mail mail, CancellationToken cancellationToken)
    {
        using var message = new MailMessage(Mail.From, mail.To.Value, mail.Subject, mail.Text);
        message.Headers["Message-ID"] = mail.MessageId;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            using var client = new SmtpClient(host, port);
            await client.SendMailAsync(message, patience.Token);
        }
        catch (SmtpException refused)
        {
            throw new MailNotSentException($"The mail server at {host}:{port} has not taken the mail: {refused.Message}", refused);
        }
        catch (OperationCanceledException late) when (!cancellationToken.IsCancellationRequested)
        {
            throw new MailNotSentException($"The mail server at {host}:{port} has not answered within {Patience.TotalSeconds} s.", late);
        }
    }
}
