using Commerce.Mailing;
using Servers;

namespace Commerce.Tests.Mailing;

/// <summary>Mail, handed over to a real server.</summary>
public sealed class SmtpMailerTests
{
    private static readonly Email Ada = Email.From("ada@example.com");

    [SmtpFact]
    public async Task A_mail_arrives_with_its_id_its_subject_and_its_text()
    {
        await using var server = await SmtpServer.Start();
        var mail = new Mail(Guid.NewGuid(), Ada, "Your order W1 is on its way", "Dear Ada,\n\nit is with the carrier.\n");

        await new SmtpMailer("127.0.0.1", server.Port).Send(mail, default);

        var arrived = Assert.Single(server.Mails());
        Assert.Contains($"Message-ID: {mail.MessageId}", arrived, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("Subject: Your order W1 is on its way", arrived, StringComparison.Ordinal);
        Assert.Contains("To: ada@example.com", arrived, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("it is with the carrier.", arrived, StringComparison.Ordinal);
    }

    [SmtpFact]
    public async Task A_subject_in_another_script_arrives_whole()
    {
        await using var server = await SmtpServer.Start();

        var mail = new Mail(Guid.NewGuid(), Ada, "Grüße aus der Mühle", "Schöne Grüße");
        await new SmtpMailer("127.0.0.1", server.Port).Send(mail, default);

        Assert.Contains("=?utf-8?", Assert.Single(server.Mails()), StringComparison.OrdinalIgnoreCase);
    }

    [SmtpFact]
    public async Task A_server_that_is_away_is_said_to_be_and_takes_the_mail_when_it_is_back()
    {
        await using var server = await SmtpServer.Start();
        var (mailer, mail) = (new SmtpMailer("127.0.0.1", server.Port), new Mail(Guid.NewGuid(), Ada, "Hello", "Hello."));
        await server.Stop();

        var away = await Assert.ThrowsAsync<MailNotSentException>(() => mailer.Send(mail, default));
        await server.Restart();
        await mailer.Send(mail, default);

        Assert.Contains($"127.0.0.1:{server.Port}", away.Message, StringComparison.Ordinal);
        Assert.Single(server.Mails());
    }

    [SmtpFact]
    public async Task What_went_out_does_not_go_out_again_while_the_program_runs_and_keeps_its_id_after_a_crash()
    {
        await using var server = await SmtpServer.Start();
        var mail = new Mail(Guid.NewGuid(), Ada, "Hello", "Hello.");
        var mailer = new SentOnce(new SmtpMailer("127.0.0.1", server.Port));

        await mailer.Send(mail, default);
        await mailer.Send(mail, default);
        var before = server.Mails().Count;
        await new SentOnce(new SmtpMailer("127.0.0.1", server.Port)).Send(mail, default); // A program that was started again.

        Assert.Equal(1, before);
        Assert.All(server.Mails(), arrived => Assert.Contains(mail.MessageId, arrived, StringComparison.Ordinal));
    }

    [SmtpFact]
    public async Task Who_gives_up_is_not_told_that_the_server_failed()
    {
        await using var server = await SmtpServer.Start();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new SmtpMailer("127.0.0.1", server.Port)
            .Send(new Mail(Guid.NewGuid(), Ada, "Hello", "Hello."), new CancellationToken(canceled: true)));
    }

    [Fact]
    public async Task A_folder_holds_a_file_for_each_mail_however_often_it_is_sent()
    {
        using var data = new TemporaryDirectory();
        var folder = new MailFolder(Path.Combine(data.Path, "mail"), TimeProvider.System);
        var mail = new Mail(Guid.NewGuid(), Ada, "Hello", "Hello.");

        await folder.Send(mail, default);
        await folder.Send(mail, default);

        var file = Assert.Single(Directory.GetFiles(Path.Combine(data.Path, "mail")));
        Assert.Contains($"Message-ID: {mail.MessageId}\r\n", await File.ReadAllTextAsync(file), StringComparison.Ordinal);
    }
}
