using System.Net.Sockets;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;

namespace Millrace.Notifications;

/// <summary>
/// Sends notices and reports as mail. The Message-ID contains the id of the notice, so it is the same for each
/// attempt.
/// </summary>
internal sealed class MailChannel(string name, MailOptions options, TimeProvider time) : IReportChannel
{
    private const string NoticeHeader = "Millrace-Notice";

    private readonly TrustedCertificates? _trusted =
        options.CertificateAuthorityFile is { } file ? TrustedCertificates.Read(file) : null;

    public string Name => name;

    public async Task Send(AlertNotice notice, CancellationToken cancellationToken)
    {
        var body = new TextPart("plain") { Text = NoticeText.Body(notice) };
        using var message = MessageOf(notice.Id, NoticeText.Subject(notice), body);
        message.Headers.Add(NoticeHeader, notice.Id);
        await Send(message, cancellationToken).ConfigureAwait(false);
    }

    public async Task Send(ReportMessage report, CancellationToken cancellationToken)
    {
        var body = new BodyBuilder { TextBody = report.Text, HtmlBody = report.Html };
        using var mail = MessageOf(report.Id, report.Subject, body.ToMessageBody());
        await Send(mail, cancellationToken).ConfigureAwait(false);
    }

    private async Task Send(MimeMessage message, CancellationToken cancellationToken)
    {
        using var client = new SmtpClient();
        if (_trusted is not null)
            client.ServerCertificateValidationCallback = _trusted.Validate;
        await Connect(client, cancellationToken).ConfigureAwait(false);
        if (options.User is { } user)
            await client.AuthenticateAsync(user, options.Password ?? "", cancellationToken).ConfigureAwait(false);
        await client.SendAsync(message, cancellationToken).ConfigureAwait(false);
        try
        {
            await client.DisconnectAsync(quit: true, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or SocketException or ProtocolException
            or CommandException or OperationCanceledException)
        {
            // The server has accepted the mail, so a failure of the connection does not matter.
        }
    }

    private async Task Connect(SmtpClient client, CancellationToken cancellationToken)
    {
        var host = options.Host!; // The options were checked.
        try
        {
            await client.ConnectAsync(host, options.Port, SocketOptions(), cancellationToken).ConfigureAwait(false);
        }
        catch (SslHandshakeException exception)
        {
            throw new System.Security.Authentication.AuthenticationException(
                $"A trusted TLS connection to the mail server {host}:{options.Port} failed. Check its certificate and "
                    + $"host name, or name the file of its authority in {NotificationSettings.Section}:{name}:"
                    + $"{nameof(options.CertificateAuthorityFile)}.",
                exception);
        }
    }

    private MimeMessage MessageOf(string id, string subject, MimeEntity body)
    {
        var from = MailboxAddress.Parse(options.From!); // The options were checked.
        var message = new MimeMessage
        {
            Date = time.GetUtcNow(),
            Subject = subject,
            MessageId = $"{id}@{from.Domain}",
            Body = body,
        };
        message.From.Add(from);
        message.To.AddRange(options.To.Select(static address => MailboxAddress.Parse(address)));
        return message;
    }

    private SecureSocketOptions SocketOptions() => options.Security switch
    {
        MailSecurity.None => SecureSocketOptions.None,
        MailSecurity.Implicit => SecureSocketOptions.SslOnConnect,
        _ => SecureSocketOptions.StartTls,
    };
}
