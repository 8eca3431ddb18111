using MimeKit;

namespace Commerce.Mailing;

/// <summary>Writes each mail to a file in a folder, which mail programs can open. Used when no mail server is
/// configured.</summary>
public sealed class MailFolder(string directory, TimeProvider time) : IMailer
{
    private const UnixFileMode OnlyOwnerFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OnlyOwnerFolder = OnlyOwnerFile | UnixFileMode.UserExecute;

    public async Task Send(Mail mail, CancellationToken cancellationToken)
    {
        CreateFolder();
        using var message = MimeMail.From(mail, time.GetUtcNow());
        message.Prepare(EncodingConstraint.SevenBit);
        var format = FormatOptions.Default.Clone();
        format.NewLineFormat = NewLineFormat.Dos;
        // The file is written atomically. A mail that is sent again has the same file.
        var file = Path.Combine(directory, $"{mail.Id:N}.eml");
        File.Delete(file + ".part"); // A file of an earlier program could be readable for others.
        await using (var part = new FileStream(file + ".part", Options()))
            await message.WriteToAsync(format, part, cancellationToken);
        File.Move(file + ".part", file, overwrite: true);
    }

    /// <summary>Creates the folder. Only the owner can read the mails, which contain names and addresses.</summary>
    private void CreateFolder()
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(directory);
        else
            File.SetUnixFileMode(Directory.CreateDirectory(directory, OnlyOwnerFolder).FullName, OnlyOwnerFolder);
    }

    private static FileStreamOptions Options()
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = OnlyOwnerFile;
        return options;
    }
}
