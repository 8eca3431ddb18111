using System.Globalization;
using System.Text;

namespace Commerce.Mailing;

/// <summary>Puts mail into a folder, a file each that mail programs open: for a shop that no mail server is named to.</summary>
public sealed class MailFolder(string directory, TimeProvider time) : IMailer
{
    public async Task Send(Mail mail, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(directory);
        var text = string.Create(CultureInfo.InvariantCulture, $"""
            Date: {time.GetUtcNow():ddd, dd MMM yyyy HH:mm:ss} +0000
            From: {Mail.From}
            To: {mail.To.Value}
            Subject: {mail.Subject}
            Message-ID: {mail.MessageId}
            MIME-Version: 1.0
            Content-Type: text/plain; charset=utf-8
            Content-Transfer-Encoding: 8bit

            {mail.Text}
            """);
        // Whole or not at all, and sent again it is the same file.
        var file = Path.Combine(directory, $"{mail.Id:N}.eml");
        await File.WriteAllTextAsync(file + ".part", text.ReplaceLineEndings("\r\n"), Encoding.UTF8, cancellationToken);
        File.Move(file + ".part", file, overwrite: true);
    }
}
