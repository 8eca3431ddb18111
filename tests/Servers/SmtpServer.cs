using System.Globalization;
using System.Security.Cryptography.X509Certificates;

namespace Servers;

/// <summary>
/// A mail server of this process on a free port, which stores received mails in a folder. The server stops with the
/// process, even after a crash.
/// </summary>
public sealed class SmtpServer : IAsyncDisposable
{
    private const string Prefix = "millrace-smtp-";

    private readonly string _directory;
    private readonly SmtpTls _tls;
    private WatchedProgram _watch;

    private SmtpServer(string directory, int port, SmtpTls tls)
    {
        (_directory, Port, _tls) = (directory, port, tls);
        _watch = Watch();
    }

    /// <summary>Gets the port on 127.0.0.1.</summary>
    public int Port { get; }

    /// <summary>Gets the path of the PEM file with the certificate for the host <c>localhost</c>.</summary>
    public string CertificateFile => Path.Combine(_directory, "certificate.pem");

    private string KeyFile => Path.Combine(_directory, "key.pem");

    /// <summary>Creates and starts a server.</summary>
    public static async Task<SmtpServer> Start(SmtpTls tls = SmtpTls.None)
    {
        if (SmtpPrograms.Server is null)
            throw new InvalidOperationException($"This {SmtpPrograms.Missing}.");
        var directory = await ServerDirectory.Create(Prefix);
        await File.WriteAllTextAsync(Path.Combine(directory, SmtpRules.Module + ".py"), SmtpRules.Source);
        using (var certificate = SelfSignedCertificate.Of("localhost"))
        using (var key = certificate.GetRSAPrivateKey()!) // The certificate has a key.
        {
            await File.WriteAllTextAsync(
                Path.Combine(directory, "certificate.pem"), certificate.ExportCertificatePem());
            await File.WriteAllTextAsync(Path.Combine(directory, "key.pem"), key.ExportPkcs8PrivateKeyPem());
        }
        await ServerDirectory.HandOver(directory);
        var server = new SmtpServer(directory, FreePorts.Take(), tls);
        await server.WaitUntilReady();
        return server;
    }

    /// <summary>Stops the server and keeps the mails.</summary>
    public async Task Stop() => await _watch.DisposeAsync();

    /// <summary>Restarts the server after a stop.</summary>
    public async Task Restart()
    {
        _watch = Watch();
        await WaitUntilReady();
    }

    /// <summary>Returns the received mails unchanged.</summary>
    public IReadOnlyList<string> Mails()
    {
        var folder = Path.Combine(_directory, "mail", "new");
        return Directory.Exists(folder) ? [.. Directory.GetFiles(folder).Select(File.ReadAllText)] : [];
    }

    /// <summary>Returns whether the server has received a mail for <c>hangs@</c>, which it never answers.</summary>
    public bool IsHanging() => File.Exists(Path.Combine(_directory, "hanging"));

    /// <summary>Stops the server and removes its mails.</summary>
    public async ValueTask DisposeAsync()
    {
        await Stop();
        ServerDirectory.Remove(_directory);
    }

    private WatchedProgram Watch() =>
        WatchedProgram.Start(
            Path.Combine(_directory, "log"),
            _directory,
            // A Python program ignores the signals that its parent shell ignores.
            [
                "env",
                "--default-signal=TERM,QUIT",
                $"PYTHONPATH={_directory}",
                SmtpPrograms.Server!, // Not null, because a server was created.
                "-n",
                "-l",
                string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Port}"),
                "-c",
                $"{SmtpRules.Module}.Rules",
                .. Encryption(),
                Path.Combine(_directory, "mail"),
            ]
        );

    private string[] Encryption() => _tls switch
    {
        SmtpTls.StartTls => ["--tlscert", CertificateFile, "--tlskey", KeyFile],
        SmtpTls.Implicit => ["--smtpscert", CertificateFile, "--smtpskey", KeyFile],
        _ => [],
    };

    private Task WaitUntilReady() => _watch.WaitUntilListens(Port, Path.Combine(_directory, "log"));
}
