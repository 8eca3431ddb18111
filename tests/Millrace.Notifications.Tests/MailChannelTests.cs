namespace Millrace.Notifications.Tests;

/// <summary>Mail to a real SMTP server.</summary>
public sealed class MailChannelTests
{
    [SmtpFact]
    public async Task A_notice_is_sent_to_all_recipients_with_its_id()
    {
        await using var server = await SmtpServer.Start();
        var channel = new MailChannel("mail", OptionsFor(server.Port), TimeProvider.System);
        await channel.Send(NoticeSamples.One, default);
        var mail = Assert.Single(server.Mails());
        Assert.Contains("Message-Id: <0192d3f0@shop.example>", mail, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("Subject: [critical] memory-1 fired on n1", mail, StringComparison.Ordinal);
        Assert.Contains("ops@shop.example", mail, StringComparison.Ordinal);
        Assert.Contains("boss@shop.example", mail, StringComparison.Ordinal);
        await server.Stop();
        await Assert.ThrowsAnyAsync<Exception>(() => channel.Send(NoticeSamples.One, default));
    }

    [SmtpFact]
    public async Task A_password_is_not_sent_without_encryption()
    {
        await using var server = await SmtpServer.Start();
        var options = OptionsFor(server.Port);
        options.Security = MailSecurity.StartTls; // The server does not offer it.
        var channel = new MailChannel("mail", options, TimeProvider.System);
        await Assert.ThrowsAnyAsync<NotSupportedException>(() => channel.Send(NoticeSamples.One, default));
        Assert.Empty(server.Mails());
    }

    [Fact]
    public void Options_report_all_problems()
    {
        var options = new MailOptions { Password = "secret", Security = MailSecurity.None, Port = 0 };
        Assert.Equal(
            ["Host", "Port", "Security", "From", "To"],
            options.Problems().Select(problem => problem[..problem.IndexOf(':', StringComparison.Ordinal)]));
    }

    private static MailOptions OptionsFor(int port) => new()
    {
        Host = "127.0.0.1",
        Port = port,
        Security = MailSecurity.None,
        From = "shop@shop.example",
        To = ["ops@shop.example", "boss@shop.example"],
    };
}
