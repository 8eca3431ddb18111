using System.Net.Sockets;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;

namespace Millrace.Notifications;

/// <summary>Sends notices as mail. The Message-ID contains the id of the notice, so it is the same for each attempt.
/// </summary>
internal sealed class MailChannel(string name, MailOptions options, TimeProvider time) : INotificationChannel
{
    private const string NoticeHeader = "Millrace-Notice";

    private readonly TrustedCertificates? _trusted =
        options.CertificateAuthorityFile is { } file ? TrustedCertificates.Read(file) : null;

    public string Name => name;

    public async Task Send(AlertNotice notice, CancellationToken cancellationToken)
    {
        using var message = MessageOf(notice);
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

    private MimeMessage MessageOf(AlertNotice notice)
    {
        var from = MailboxAddress.Parse(options.From!); // The options were checked.
        var message = new MimeMessage
        {
            Date = time.GetUtcNow(),
            Subject = NoticeText.Subject(notice),
            MessageId = $"{notice.Id}@{from.Domain}",
            Body = new TextPart("plain") { Text = NoticeText.Body(notice) },
        };
        message.From.Add(from);
        message.To.AddRange(options.To.Select(static address => MailboxAddress.Parse(address)));
        message.Headers.Add(NoticeHeader, notice.Id);
        return message;
    }

    private SecureSocketOptions SocketOptions() => options.Security switch
    {
        MailSecurity.None => SecureSocketOptions.None,
        MailSecurity.Implicit => SecureSocketOptions.SslOnConnect,
        _ => SecureSocketOptions.StartTls,
    };
}
