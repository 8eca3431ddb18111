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

    [SmtpTheory]
    [InlineData(SmtpTls.StartTls, MailSecurity.StartTls)]
    [InlineData(SmtpTls.Implicit, MailSecurity.Implicit)]
    public async Task A_server_with_a_certificate_of_an_own_authority_is_trusted(SmtpTls tls, MailSecurity security)
    {
        await using var server = await SmtpServer.Start(tls);
        var channel = new MailChannel("mail", OptionsFor(server, security), TimeProvider.System);

        await channel.Send(NoticeSamples.One, default);

        Assert.Single(server.Mails());
    }

    [SmtpTheory]
    [InlineData(SmtpTls.StartTls, MailSecurity.StartTls)]
    [InlineData(SmtpTls.Implicit, MailSecurity.Implicit)]
    public async Task An_unknown_authority_and_another_host_name_are_refused(SmtpTls tls, MailSecurity security)
    {
        await using var server = await SmtpServer.Start(tls);
        var withoutAuthority = OptionsFor(server, security);
        withoutAuthority.CertificateAuthorityFile = null;
        var ofOtherHost = OptionsFor(server, security);
        ofOtherHost.Host = "127.0.0.1"; // The certificate is for localhost.

        foreach (var options in new[] { withoutAuthority, ofOtherHost })
        {
            var refused = await Assert.ThrowsAsync<System.Security.Authentication.AuthenticationException>(() =>
                new MailChannel("ops", options, TimeProvider.System).Send(NoticeSamples.One, default));
            Assert.Contains(
                "Millrace:Notifications:ops:CertificateAuthorityFile", refused.Message, StringComparison.Ordinal);
        }

        Assert.Empty(server.Mails());
    }

    [Fact]
    public async Task A_file_of_an_authority_is_checked_at_the_start()
    {
        var directory = Directory.CreateTempSubdirectory("millrace-mail-").FullName;
        try
        {
            var empty = Path.Combine(directory, "empty.pem");
            await File.WriteAllTextAsync(empty, "no certificate");
            var missing = Path.Combine(directory, "missing.pem");

            Assert.Contains("contains no certificate", ProblemOf(empty), StringComparison.Ordinal);
            Assert.Contains("cannot be read", ProblemOf(missing), StringComparison.Ordinal);
            Assert.Contains("must be the path", ProblemOf(""), StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }

        static string ProblemOf(string file)
        {
            var options = OptionsFor(587);
            (options.Security, options.CertificateAuthorityFile) = (MailSecurity.StartTls, file);
            return Assert.Single(options.Problems());
        }
    }

    [Fact]
    public void Options_report_all_problems()
    {
        var options = new MailOptions { Password = "secret", Security = MailSecurity.None, Port = 0 };
        Assert.Equal(
            ["Host", "Port", "Security", "From", "To"],
            options.Problems().Select(problem => problem[..problem.IndexOf(':', StringComparison.Ordinal)]));
    }

    private static MailOptions OptionsFor(SmtpServer server, MailSecurity security)
    {
        var options = OptionsFor(server.Port);
        (options.Host, options.Security) = ("localhost", security);
        options.CertificateAuthorityFile = server.CertificateFile;
        return options;
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
