using System.Security.Cryptography;
using System.Text;

namespace Commerce.Trust;

/// <summary>
/// The secrets of the shop: a folder with files that only their owner can read. Missing files are created, so that the
/// sample starts in one step. In production, the folder is a mounted secret with files of your own, and the passphrase
/// comes from the environment.
/// </summary>
/// <param name="folder">The folder; created if it does not exist.</param>
/// <exception cref="IOException">A file cannot be read or created.</exception>
public sealed class ShopSecrets(string folder)
{
    private const string SealKey = "seal-key.pem";
    private const string SealPublicKey = "seal-public.pem";

    /// <summary>The environment variable with the passphrase, instead of the file.</summary>
    internal const string PassphraseVariable = "MILLRACE_SHOP_PASSPHRASE";

    private const int RandomBytes = 32;
    private const UnixFileMode OnlyOwner = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private static readonly TimeSpan LockTimeout = TimeSpan.FromSeconds(10);

    /// <summary>True when the environment has the passphrase.</summary>
    internal static bool IsPassphraseGiven => Environment.GetEnvironmentVariable(PassphraseVariable) is { Length: > 0 };

    /// <summary>The folder.</summary>
    public string Folder { get; } = folder;

    /// <summary>The passphrase of the key store with the keys of the customers.</summary>
    public string Passphrase { get; } = Environment.GetEnvironmentVariable(PassphraseVariable) is { Length: > 0 } given
        ? given
        : ReadOrCreate(folder, "passphrase", RandomText);

    /// <summary>The private key that signs certificates of erasures, as PEM.</summary>
    public string CertificateKey { get; } = ReadOrCreate(folder, "certificate-key.pem", NewKey);

    /// <summary>The path of the private key that signs the seals of the log.</summary>
    public string SealKeyFile { get; } = CreateSealKey(folder);

    /// <summary>The path of the public key with which an auditor verifies the seals.</summary>
    public string SealPublicKeyFile => Path.Combine(Folder, SealPublicKey);

    private static string CreateSealKey(string folder)
    {
        if (PublicPartOf(ReadOrCreate(folder, SealKey, NewKey)) is { } publicKey)
            ReadOrCreate(folder, SealPublicKey, () => publicKey);
        return Path.Combine(folder, SealKey);
    }

    /// <summary>Returns the public part of a key; null if the key has a passphrase or is not valid, which the start of
    /// the application reports.</summary>
    private static string? PublicPartOf(string privateKey)
    {
        using var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(privateKey);
            return key.ExportSubjectPublicKeyInfoPem();
        }
        catch (Exception exception) when (exception is ArgumentException or CryptographicException)
        {
            return null;
        }
    }

    private static string NewKey()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return key.ExportPkcs8PrivateKeyPem();
    }

    private static string RandomText() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(RandomBytes));

    /// <summary>Reads a file. Of several programs that create it at the same time, all read that of the first
    /// one.</summary>
    private static string ReadOrCreate(string folder, string name, Func<string> create)
    {
        var path = Path.Combine(folder, name);
        try
        {
            if (!File.Exists(path))
                CreateOnce(folder, path, create);
            return File.ReadAllText(path).Trim();
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new IOException($"The secret {path} cannot be read or created: {exception.Message}", exception);
        }
    }

    private static void CreateOnce(string folder, string path, Func<string> create)
    {
        CreateFolder(folder);
        // A move without overwriting can replace a file that another program creates at the same time.
        using var mutex = new Mutex(initiallyOwned: false, MutexNameOf(folder));
        if (!TryEnter(mutex))
            throw new IOException($"Another program has been creating secrets in {folder} for {LockTimeout}.");
        try
        {
            if (!File.Exists(path))
                Create(path, create());
        }
        finally
        {
            mutex.ReleaseMutex();
        }
    }

    private static string MutexNameOf(string folder) =>
        $"Global\\commerce-{Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(Path.GetFullPath(folder))))}";

    private static bool TryEnter(Mutex mutex)
    {
        try
        {
            return mutex.WaitOne(LockTimeout);
        }
        catch (AbandonedMutexException)
        {
            return true; // The other program was ended, and leaves no incomplete file.
        }
    }

    /// <summary>Creates a file as a whole or not at all.</summary>
    private static void Create(string path, string text)
    {
        var temporary = $"{path}.{Guid.NewGuid():N}";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = OnlyOwner;
        using (var file = new FileStream(temporary, options))
            file.Write(Encoding.UTF8.GetBytes(text + "\n"));
        try
        {
            File.Move(temporary, path);
        }
        catch (IOException) when (File.Exists(path))
        {
            File.Delete(temporary); // A program on another machine, which the mutex does not include, was first.
        }
    }

    private static void CreateFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(folder);
        else
            Directory.CreateDirectory(folder, OnlyOwner | UnixFileMode.UserExecute);
    }
}
