using System.Net.Sockets;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;

namespace Commerce.Mailing;

/// <summary>Sends mail to a server by SMTP.</summary>
/// <remarks>
/// SMTP cannot deliver exactly once. When the connection breaks before the server's answer, it is unknown whether the
/// server accepted the mail. The mail is then sent again with the same Message-ID, so that the receiver can detect the
/// duplicate.
/// </remarks>
public sealed class SmtpMailer(SmtpOptions options, TimeProvider time) : IMailer
{
    private readonly string _host =
        options.Host ?? throw new ArgumentException("The mail server has no host.", nameof(options));
    private readonly string _server = $"{options.Host}:{options.Port}";
    private readonly TrustedCertificates? _trusted =
        options.TrustedCertificates is { } file ? TrustedCertificates.Read(file) : null;

    public async Task Send(Mail mail, CancellationToken cancellationToken)
    {
        using var message = MimeMail.From(mail, time.GetUtcNow());
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(options.Timeout);
        try
        {
            await Send(message, timeout.Token);
        }
        catch (OperationCanceledException late) when (!cancellationToken.IsCancellationRequested)
        {
            throw TimedOut(late);
        }
        catch (TimeoutException late)
        {
            throw TimedOut(late);
        }
        catch (Exception failure) when (FailureOf(failure) is not null)
        {
            throw NotSent(FailureOf(failure) ?? MailFailure.Connection, failure);
        }
    }

    private async Task Send(MimeMessage message, CancellationToken cancellationToken)
    {
        using var client = new SmtpClient { Timeout = (int)options.Timeout.TotalMilliseconds };
        if (_trusted is not null)
            client.ServerCertificateValidationCallback = _trusted.Validate;
        await Connect(client, cancellationToken);
        await client.SendAsync(message, cancellationToken);
        try
        {
            await client.DisconnectAsync(quit: true, cancellationToken);
        }
        catch (Exception failure)
            when (failure is OperationCanceledException or TimeoutException || FailureOf(failure) is not null)
        {
            // The server has accepted the mail, so a failure of the connection does not matter.
        }
    }

    private async Task Connect(SmtpClient client, CancellationToken cancellationToken)
    {
        var failureKind = MailFailure.Encryption;
        try
        {
            await client.ConnectAsync(_host, options.Port, SocketOptions(), cancellationToken);
            failureKind = MailFailure.Authentication;
            if (options.User is { } user)
                await client.AuthenticateAsync(user, options.Password ?? "", cancellationToken);
        }
        catch (NotSupportedException missing)
        {
            throw NotSent(failureKind, missing); // The server offers no STARTTLS, or no way to authenticate.
        }
    }

    private SecureSocketOptions SocketOptions() => options.Security switch
    {
        SmtpSecurity.None => SecureSocketOptions.None,
        SmtpSecurity.Available => SecureSocketOptions.StartTlsWhenAvailable,
        SmtpSecurity.Required => SecureSocketOptions.StartTls,
        SmtpSecurity.Implicit => SecureSocketOptions.SslOnConnect,
        _ => throw new InvalidOperationException($"The security {options.Security} is unknown."),
    };

    private static MailFailure? FailureOf(Exception failure) => failure switch
    {
        SmtpCommandException { ErrorCode: SmtpErrorCode.RecipientNotAccepted } => MailFailure.Recipient,
        AuthenticationException => MailFailure.Authentication,
        SmtpCommandException or NotSupportedException => MailFailure.Refused,
        SslHandshakeException => MailFailure.Encryption,
        ProtocolException or IOException or SocketException or ServiceNotConnectedException => MailFailure.Connection,
        _ => null,
    };

    private MailNotSentException NotSent(MailFailure failure, Exception inner)
    {
        var explanation = failure switch
        {
            MailFailure.Encryption =>
                $"A trusted TLS connection (--smtp-tls {options.Security}) to the mail server at {_server} failed. "
                    + "Check its certificate and host name, or name its authority with --smtp-ca.",
            MailFailure.Authentication =>
                $"The mail server at {_server} did not authenticate the user '{options.User}'.",
            MailFailure.Recipient => $"The mail server at {_server} refused the recipient.",
            MailFailure.Refused => $"The mail server at {_server} refused the mail.",
            _ => $"The mail server at {_server} cannot be reached, or the connection broke.",
        };
        // Failures are stored unencrypted, and the text of a server can contain the address of the recipient.
        return inner is SmtpCommandException command
            ? new MailNotSentException($"{explanation} Its status was {(int)command.StatusCode}.", failure: failure)
            : new MailNotSentException($"{explanation} {inner.Message}", inner, failure);
    }

    private MailNotSentException TimedOut(Exception late) =>
        new(
            $"The mail server at {_server} has not answered within {options.Timeout.TotalSeconds} s.",
            late,
            MailFailure.Timeout);
}
