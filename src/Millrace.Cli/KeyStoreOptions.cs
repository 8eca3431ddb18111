using System.CommandLine;
using Millrace.Pkcs11;
using Millrace.PostgreSql;
using Millrace.Sqlite;

namespace Millrace.Cli;

/// <summary>The options for the key store and its master keys. Secrets are never arguments.</summary>
internal sealed class KeyStoreOptions
{
    private const string StoreVariable = "MILLRACE_KEYS";
    private const string PassphraseVariable = "MILLRACE_KEYS_PASSPHRASE";
    private const string FormerVariable = "MILLRACE_KEYS_FORMER_PASSPHRASE";
    private const string Pkcs11Prefix = "Millrace__Pkcs11__";

    private readonly Option<string?> _keys = new("--keys")
    {
        HelpName = "FILE",
        Description = $"The key store: an SQLite file, or postgres://… for a database. Default: ${StoreVariable}.",
    };

    private readonly Option<string?> _passphrase = new("--passphrase-file")
    {
        HelpName = "FILE",
        Description = $"A file with the passphrase in its first line. Default: ${PassphraseVariable}.",
    };

    private readonly Option<string?> _former = new("--former-passphrase-file")
    {
        HelpName = "FILE",
        Description = $"A file with the former passphrase in its first line. Default: ${FormerVariable}.",
    };

    private readonly Option<bool> _pkcs11 = new("--pkcs11")
    {
        Description = $"The master key is in a PKCS#11 token: ${Pkcs11Prefix}ModulePath, TokenLabel, KeyLabel, Pin. "
            + "The passphrase is then a former one.",
    };

    /// <summary>Adds the option for the key store.</summary>
    public void AddStoreTo(Command command) => command.Options.Add(_keys);

    /// <summary>Adds the options for the key store and the master keys.</summary>
    public void AddTo(Command command)
    {
        AddStoreTo(command);
        command.Options.Add(_passphrase);
        command.Options.Add(_former);
        command.Options.Add(_pkcs11);
    }

    /// <summary>Returns the key store, which is not open yet.</summary>
    /// <exception cref="CliException">No key store is specified, or its file does not exist.</exception>
    public IKeyStore Store(ToolInvocation call)
    {
        if ((call.Get(_keys) ?? Environment.GetEnvironmentVariable(StoreVariable)) is not { Length: > 0 } keys)
            throw new CliException(
                ExitCode.Usage,
                "No key store was specified.",
                $"Specify one with --keys FILE, or set {StoreVariable}.");
        if (StoreLocator.IsDatabase(keys))
            return new PostgreSqlKeyStore(keys, call.Time);
        // Opening a missing file would create another key store.
        return File.Exists(keys)
            ? new SqliteKeyStore(keys, call.Time)
            : throw new CliException(ExitCode.Store, $"The key store '{keys}' does not exist.", "Correct the path.");
    }

    /// <summary>Returns the master keys.</summary>
    /// <exception cref="CliException">There is no passphrase, or it is too short.</exception>
    public KeyOptions MasterKeys(ToolInvocation call)
    {
        var options = new KeyOptions();
        var passphrase = Secret(call, _passphrase, PassphraseVariable);
        try
        {
            if (call.Get(_pkcs11))
            {
                options.MasterKey = new Pkcs11MasterKey(Pkcs11FromEnvironment());
                if (passphrase is not null)
                    options.FormerPassphrases.Add(passphrase);
            }
            else
            {
                options.Passphrase = passphrase
                    ?? throw new CliException(
                        ExitCode.Usage,
                        "The key store needs its passphrase.",
                        $"Set {PassphraseVariable}, or give --passphrase-file FILE.");
                _ = new PassphraseMasterKey(options.Passphrase); // Checks the length.
            }
            if (Secret(call, _former, FormerVariable) is { } former)
                options.FormerPassphrases.Add(former);
            return options;
        }
        catch (ArgumentException exception)
        {
            throw new CliException(ExitCode.Usage, exception.Message);
        }
    }

    private static string? Secret(ToolInvocation call, Option<string?> file, string variable)
    {
        if (call.Get(file) is not { } path)
            return Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value ? value : null;
        using var stream = InputFile.Open(path);
        using var reader = new StreamReader(stream);
        return reader.ReadLine() is { Length: > 0 } line
            ? line
            : throw new CliException(ExitCode.Usage, $"The first line of '{path}' is empty.");
    }

    private static Pkcs11Options Pkcs11FromEnvironment()
    {
        var options = new Pkcs11Options();
        options.ModulePath = Variable(nameof(options.ModulePath)) ?? "";
        options.TokenLabel = Variable(nameof(options.TokenLabel));
        options.KeyLabel = Variable(nameof(options.KeyLabel)) ?? options.KeyLabel;
        options.Pin = Variable(nameof(options.Pin)) ?? "";
        return options;
    }

    private static string? Variable(string name) =>
        Environment.GetEnvironmentVariable(Pkcs11Prefix + name) is { Length: > 0 } value ? value : null;
}
