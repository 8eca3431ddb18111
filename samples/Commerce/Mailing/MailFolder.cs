using MimeKit;

namespace Commerce.Mailing;

/// <summary>Writes each mail to a file in a folder, which mail programs can open. Used when no mail server is
/// configured.</summary>
public sealed class MailFolder(string directory, TimeProvider time) : IMailer
{
    public async Task Send(Mail mail, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(directory);
        using var message = MimeMail.From(mail, time.GetUtcNow());
        message.Prepare(EncodingConstraint.SevenBit);
        var format = FormatOptions.Default.Clone();
        format.NewLineFormat = NewLineFormat.Dos;
        // The file is written atomically. A mail that is sent again has the same file.
        var file = Path.Combine(directory, $"{mail.Id:N}.eml");
        await message.WriteToAsync(format, file + ".part", cancellationToken);
        File.Move(file + ".part", file, overwrite: true);
    }
}
