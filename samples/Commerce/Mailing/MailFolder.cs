using MimeKit;

namespace Commerce.Mailing;

/// <summary>Puts mail into a folder, a file each that mail programs open: for a shop that no mail
/// server is named to.</summary>
public sealed class MailFolder(string directory, TimeProvider time) : IMailer
{
    public async Task Send(Mail mail, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(directory);
        using var message = MimeMail.From(mail, time.GetUtcNow());
        message.Prepare(EncodingConstraint.SevenBit);
        var format = FormatOptions.Default.Clone();
        format.NewLineFormat = NewLineFormat.Dos;
        // Whole or not at all, and sent again it is the same file.
        var file = Path.Combine(directory, $"{mail.Id:N}.eml");
        await message.WriteToAsync(format, file + ".part", cancellationToken);
        File.Move(file + ".part", file, overwrite: true);
    }
}
