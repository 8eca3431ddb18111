using Commerce.Mailing;
using MimeKit;
using Servers;

namespace Commerce.Tests.Mailing;

/// <summary>Tests that the shop sends mail to an SMTP server.</summary>
public sealed class SmtpMailerTests
{
    private static readonly Email Ada = Email.From("ada@example.com");

    [SmtpFact]
    public async Task A_mail_arrives_with_its_id_subject_and_text()
    {
        await using var server = await SmtpServer.Start();
        var mail = new Mail(
            Guid.NewGuid(), Ada, "Your order W1 is on its way", "Dear Ada,\n\nit is with the carrier.\n");

        await Mailer(server).Send(mail, default);

        var arrived = Assert.Single(server.Mails());
        Assert.Contains($"Message-ID: {mail.MessageId}", arrived, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("Subject: Your order W1 is on its way", arrived, StringComparison.Ordinal);
        Assert.Contains("To: ada@example.com", arrived, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("it is with the carrier.", arrived, StringComparison.Ordinal);
    }

    [SmtpFact]
    public async Task A_subject_with_other_characters_than_ASCII_arrives_complete()
    {
        await using var server = await SmtpServer.Start();

        var mail = new Mail(Guid.NewGuid(), Ada, "Grüße aus der Mühle", "Schöne Grüße");
        await Mailer(server).Send(mail, default);

        Assert.Contains("=?utf-8?", Assert.Single(server.Mails()), StringComparison.OrdinalIgnoreCase);
    }

    [SmtpFact]
    public async Task An_unavailable_server_is_reported_and_accepts_the_mail_after_a_restart()
    {
        await using var server = await SmtpServer.Start();
        var (mailer, mail) = (Mailer(server), new Mail(Guid.NewGuid(), Ada, "Hello", "Hello."));
        await server.Stop();

        var failure = await Assert.ThrowsAsync<MailNotSentException>(() => mailer.Send(mail, default));
        await server.Restart();
        await mailer.Send(mail, default);

        Assert.Contains($"127.0.0.1:{server.Port}", failure.Message, StringComparison.Ordinal);
        Assert.Single(server.Mails());
    }

    [SmtpFact]
    public async Task A_sent_mail_is_not_sent_again_and_keeps_its_id_after_a_crash()
    {
        await using var server = await SmtpServer.Start();
        var mail = new Mail(Guid.NewGuid(), Ada, "Hello", "Hello.");
        var mailer = new DeduplicatingMailer(Mailer(server));

        await mailer.Send(mail, default);
        await mailer.Send(mail, default);
        var before = server.Mails().Count;
        // The new mailer represents a restarted program.
        await new DeduplicatingMailer(Mailer(server)).Send(mail, default);

        Assert.Equal(1, before);
        Assert.All(server.Mails(), arrived => Assert.Contains(mail.MessageId, arrived, StringComparison.Ordinal));
    }

    [SmtpFact]
    public async Task A_cancelled_caller_gets_a_cancellation_and_not_a_server_failure()
    {
        await using var server = await SmtpServer.Start();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Mailer(server)
            .Send(new Mail(Guid.NewGuid(), Ada, "Hello", "Hello."), new CancellationToken(canceled: true)));
    }

    [Fact]
    public async Task A_folder_has_one_file_for_a_mail_that_is_sent_repeatedly()
    {
        using var data = new TemporaryDirectory();
        var folder = new MailFolder(Path.Combine(data.Path, "mail"), TimeProvider.System);
        var mail = new Mail(Guid.NewGuid(), Ada, "Hello", "Hello.");

        await folder.Send(mail, default);
        await folder.Send(mail, default);

        var file = Assert.Single(Directory.GetFiles(Path.Combine(data.Path, "mail")));
        Assert.Contains(
            $"Message-ID: {mail.MessageId}\r\n", await File.ReadAllTextAsync(file), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_file_of_the_folder_is_a_MIME_message_with_subject_and_text()
    {
        using var data = new TemporaryDirectory();
        var mail = new Mail(Guid.NewGuid(), Ada, "Grüße aus der Mühle", "Schöne Grüße\nund bis bald: 水車\n");

        await new MailFolder(data.Path, TimeProvider.System).Send(mail, default);

        var file = Assert.Single(Directory.GetFiles(data.Path));
        Assert.True((await File.ReadAllBytesAsync(file)).All(value => value < 128), "MIME without 8BITMIME is ASCII.");
        using var read = await MimeMessage.LoadAsync(file);
        Assert.Equal(mail.Subject, read.Subject);
        Assert.Equal(mail.Text, read.TextBody?.ReplaceLineEndings("\n"));
        Assert.Equal("ada@example.com", Assert.Single(read.To.Mailboxes).Address);
    }

    [Fact]
    public async Task Only_the_owner_can_read_the_mails_of_the_folder()
    {
        if (OperatingSystem.IsWindows())
            return;
        using var data = new TemporaryDirectory();
        var folder = Path.Combine(data.Path, "mail");

        await new MailFolder(folder, TimeProvider.System).Send(To("ada@example.com"), default);

        const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        Assert.Equal(Owner | UnixFileMode.UserExecute, File.GetUnixFileMode(folder));
        Assert.Equal(Owner, File.GetUnixFileMode(Assert.Single(Directory.GetFiles(folder))));
    }

    [Fact]
    public async Task An_address_that_is_invalid_in_MIME_is_a_failure_of_the_recipient()
    {
        var mailer = new SmtpMailer(new SmtpOptions { Host = "127.0.0.1", Port = 1 }, TimeProvider.System);

        var failure = await Assert.ThrowsAsync<MailNotSentException>(
            () => mailer.Send(new Mail(Guid.NewGuid(), Email.From("<a,b@example.com"), "Hello", "Hello."), default));

        Assert.Equal(MailFailure.Recipient, failure.Failure);
        Assert.DoesNotContain("@", failure.ToString(), StringComparison.Ordinal);
    }

    [SmtpFact]
    public async Task The_error_names_a_refused_recipient_and_the_server_accepts_the_next_mail()
    {
        await using var server = await SmtpServer.Start();
        var mailer = Mailer(server);

        var failure = await Assert.ThrowsAsync<MailNotSentException>(() =>
            mailer.Send(To("refused@example.com"), default));
        await mailer.Send(To("ada@example.com"), default);

        Assert.Equal(MailFailure.Recipient, failure.Failure);
        Assert.Contains("refused the recipient", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("refused@example.com", failure.ToString(), StringComparison.Ordinal);
        Assert.Single(server.Mails());
    }

    [SmtpFact]
    public async Task A_mail_that_the_server_refuses_after_its_text_is_reported_as_refused()
    {
        await using var server = await SmtpServer.Start();

        var failure = await Assert.ThrowsAsync<MailNotSentException>(() =>
            Mailer(server).Send(To("full@example.com"), default));

        Assert.Equal(MailFailure.Refused, failure.Failure);
        Assert.Contains("refused the mail", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("The mailbox is full", failure.ToString(), StringComparison.Ordinal);
    }

    [SmtpFact]
    public async Task A_send_to_a_server_that_hangs_times_out()
    {
        await using var server = await SmtpServer.Start();
        var mailer = Mailer(server, options => options with { Timeout = TimeSpan.FromSeconds(1) });

        var failure = await Assert.ThrowsAsync<MailNotSentException>(() =>
            mailer.Send(To("hangs@example.com"), default));

        Assert.Equal(MailFailure.Timeout, failure.Failure);
        Assert.Contains("within 1 s", failure.Message, StringComparison.Ordinal);
    }

    [SmtpFact]
    public async Task A_caller_can_cancel_while_the_server_hangs()
    {
        await using var server = await SmtpServer.Start();
        using var caller = new CancellationTokenSource();

        var sending = Mailer(server).Send(To("hangs@example.com"), caller.Token);
        await Eventually.Get(() => Task.FromResult(server.IsHanging()), static isHanging => isHanging);
        await caller.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
    }

    [SmtpTheory]
    [InlineData(SmtpTls.None, SmtpSecurity.None)]
    [InlineData(SmtpTls.None, SmtpSecurity.Available)]
    [InlineData(SmtpTls.StartTls, SmtpSecurity.Available)]
    [InlineData(SmtpTls.StartTls, SmtpSecurity.Required)]
    [InlineData(SmtpTls.Implicit, SmtpSecurity.Implicit)]
    public async Task A_mail_arrives_in_each_mode_of_TLS(SmtpTls tls, SmtpSecurity security)
    {
        await using var server = await SmtpServer.Start(tls);

        await Trusting(server, options => options with { Security = security }).Send(To("ada@example.com"), default);

        Assert.Single(server.Mails());
    }

    [SmtpTheory]
    [InlineData(SmtpTls.StartTls, SmtpSecurity.Available)]
    [InlineData(SmtpTls.StartTls, SmtpSecurity.Required)]
    [InlineData(SmtpTls.Implicit, SmtpSecurity.Implicit)]
    public async Task An_unknown_certificate_is_refused_and_the_error_explains_how_to_trust_it(
        SmtpTls tls, SmtpSecurity security)
    {
        await using var server = await SmtpServer.Start(tls);
        var mailer = Mailer(server, options => options with { Host = "localhost", Security = security });

        var failure = await Assert.ThrowsAsync<MailNotSentException>(() => mailer.Send(To("ada@example.com"), default));

        Assert.Equal(MailFailure.Encryption, failure.Failure);
        Assert.Contains("--smtp-ca", failure.Message, StringComparison.Ordinal);
        Assert.Empty(server.Mails());
    }

    [SmtpFact]
    public async Task A_trusted_certificate_of_another_host_is_refused()
    {
        await using var server = await SmtpServer.Start(SmtpTls.StartTls);
        var mailer = Trusting(server, options => options with { Host = "127.0.0.1", Security = SmtpSecurity.Required });

        var failure = await Assert.ThrowsAsync<MailNotSentException>(() => mailer.Send(To("ada@example.com"), default));

        Assert.Equal(MailFailure.Encryption, failure.Failure);
    }

    [SmtpTheory]
    [InlineData(SmtpSecurity.Required)]
    [InlineData(SmtpSecurity.Implicit)]
    public async Task A_server_without_TLS_gets_no_mail_if_TLS_is_required(SmtpSecurity security)
    {
        await using var server = await SmtpServer.Start();
        var mailer = Mailer(server, options => options with { Security = security });

        var failure = await Assert.ThrowsAsync<MailNotSentException>(() => mailer.Send(To("ada@example.com"), default));

        Assert.Equal(MailFailure.Encryption, failure.Failure);
        Assert.Empty(server.Mails());
    }

    [SmtpFact]
    public async Task A_user_is_authenticated_and_a_wrong_password_is_refused_without_being_shown()
    {
        await using var server = await SmtpServer.Start(SmtpTls.StartTls);
        SmtpMailer With(string password) =>
            Trusting(
                server,
                options => options with { Security = SmtpSecurity.Required, User = SmtpRules.User, Password = password }
            );

        await With(SmtpRules.Password).Send(To("signed-in@example.com"), default);
        var failure = await Assert.ThrowsAsync<MailNotSentException>(() =>
            With("wrong-one").Send(To("ada@example.com"), default));
        var missing = await Assert.ThrowsAsync<MailNotSentException>(() =>
            Trusting(server, options => options with { Security = SmtpSecurity.Required })
                .Send(To("signed-in@example.com"), default));

        Assert.Equal(MailFailure.Authentication, failure.Failure);
        Assert.DoesNotContain("wrong-one", failure.ToString(), StringComparison.Ordinal);
        Assert.Equal(MailFailure.Recipient, missing.Failure);
        Assert.Single(server.Mails());
    }

    private static SmtpMailer Mailer(SmtpServer server, Func<SmtpOptions, SmtpOptions>? change = null)
    {
        var options = new SmtpOptions { Host = "127.0.0.1", Port = server.Port };
        return new SmtpMailer(change?.Invoke(options) ?? options, TimeProvider.System);
    }

    private static SmtpMailer Trusting(SmtpServer server, Func<SmtpOptions, SmtpOptions> change) => Mailer(
        server, options => change(options with { Host = "localhost", TrustedCertificates = server.CertificateFile }));

    private static Mail To(string address) => new(Guid.NewGuid(), Email.From(address), "Hello", "Hello.");
}
