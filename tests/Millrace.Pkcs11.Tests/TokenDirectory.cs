using System.Diagnostics;
using System.Runtime.InteropServices;
using Net.Pkcs11Interop.Common;
using Net.Pkcs11Interop.HighLevelAPI;

namespace Millrace.Pkcs11.Tests;

/// <summary>
/// The SoftHSM tokens of this process. SoftHSM reads its configuration once, so all tests share the directory.
/// </summary>
public sealed partial class TokenDirectory : IDisposable
{
    public const string Pin = "right-4711";

    private readonly string _path = Directory.CreateTempSubdirectory("millrace-tokens-").FullName;
    private IPkcs11Library? _library;
    private int _keys;

    public TokenDirectory()
    {
        if (SoftHsmPrograms.ReasonToSkip is not null)
            return;
        var tokens = Path.Combine(_path, "tokens");
        Directory.CreateDirectory(tokens);
        var configuration = Path.Combine(_path, "softhsm2.conf");
        File.WriteAllText(configuration, $"directories.tokendir = {tokens}\nobjectstore.backend = file\n");
        Environment.SetEnvironmentVariable("SOFTHSM2_CONF", configuration); // For other programs.
        if (SetEnvironment("SOFTHSM2_CONF", configuration, 1) != 0) // For the library in this process.
            throw new InvalidOperationException("The environment cannot be changed.");
        foreach (var label in new[] { "shop", "pins", "twin", "twin", "lost" })
            Run(
                "softhsm2-util",
                ["--init-token", "--free", "--label", label, "--pin", Pin, "--so-pin", "officer-4711"]);
    }

    public static string Module => SoftHsmPrograms.Library ?? SoftHsmPrograms.Missing;

    /// <summary>The library as another component of the process uses it.</summary>
    internal IPkcs11Library Library
    {
        get
        {
            Pkcs11Module.Load(Module); // Sets the resolver.
            return _library ??= Pkcs11Module.Factories.Pkcs11LibraryFactory.LoadPkcs11Library(
                Pkcs11Module.Factories, Module, AppType.MultiThreaded);
        }
    }

    public static Pkcs11Options Options(string key, string token = "shop") =>
        new() { ModulePath = Module, TokenLabel = token, KeyLabel = key, Pin = Pin };

    /// <summary>Creates a key with a new label in a token, and returns the label.</summary>
    public string CreateKey(string token = "shop") => CreateKey($"key-{++_keys}", token);

    /// <summary>Creates a key.</summary>
    /// <param name="label">The label.</param>
    /// <param name="token">The label of the token.</param>
    /// <param name="isExtractable">Whether the key can leave the token.</param>
    /// <param name="isUsable">Whether the key may encrypt.</param>
    /// <param name="bytes">The length.</param>
    public string CreateKey(
        string label, string token, bool isExtractable = false, bool isUsable = true, ulong bytes = 32)
    {
        var attributes = Pkcs11Module.Factories.ObjectAttributeFactory;
        InSession(token, session =>
        {
            using var mechanism = Pkcs11Module.Factories.MechanismFactory.Create(CKM.CKM_AES_KEY_GEN);
            session.GenerateKey(
                mechanism,
                [
                    attributes.Create(CKA.CKA_CLASS, CKO.CKO_SECRET_KEY),
                    attributes.Create(CKA.CKA_KEY_TYPE, CKK.CKK_AES),
                    attributes.Create(CKA.CKA_TOKEN, true),
                    attributes.Create(CKA.CKA_PRIVATE, true),
                    attributes.Create(CKA.CKA_SENSITIVE, true),
                    attributes.Create(CKA.CKA_EXTRACTABLE, isExtractable),
                    attributes.Create(CKA.CKA_ENCRYPT, isUsable),
                    attributes.Create(CKA.CKA_DECRYPT, true),
                    attributes.Create(CKA.CKA_VALUE_LEN, bytes),
                    attributes.Create(CKA.CKA_LABEL, label),
                ]);
        });
        return label;
    }

    public void DestroyKey(string label, string token = "shop") =>
        InSession(token, session =>
        {
            var attributes = Pkcs11Module.Factories.ObjectAttributeFactory;
            foreach (var key in session.FindAllObjects([attributes.Create(CKA.CKA_LABEL, label)]))
                session.DestroyObject(key);
        });

    /// <summary>Closes all sessions of this process with a token, as the removal of the token does.</summary>
    public void CloseSessions(string token) => Slot(token).CloseAllSessions();

    /// <summary>Finalizes the library for the whole process, as another component could do.</summary>
    public void FinalizeLibrary()
    {
        Library.Dispose();
        _library = null;
    }

    public TokenFlags Flags(string token) => new(Slot(token).GetTokenInfo().TokenFlags.Flags);

    public long SlotOf(string token) => (long)Slot(token).SlotId;

    public void InSession(string token, Action<ISession> action)
    {
        var session = Slot(token).OpenSession(SessionType.ReadWrite);
        try
        {
            session.Login(CKU.CKU_USER, Pin);
        }
        catch (Pkcs11Exception exception) when (exception.RV == CKR.CKR_USER_ALREADY_LOGGED_IN)
        {
            // A master key of the test has a session.
        }
        action(session);
        session.Dispose();
    }

    public void Dispose() => Directory.Delete(_path, recursive: true);

    private ISlot Slot(string token) =>
        Library.GetSlotList(SlotsType.WithTokenPresent).First(slot => slot.GetTokenInfo().Label == token);

    private static void Run(string program, string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        if (!process.WaitForExit(TimeSpan.FromSeconds(30)) || process.ExitCode != 0)
            throw new InvalidOperationException($"{program} failed.");
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int SetEnvironment(string name, string value, int overwrite);
}

/// <summary>The flags of a token.</summary>
/// <param name="Value">The bits.</param>
public readonly record struct TokenFlags(ulong Value)
{
    private const ulong UserPinCountLow = 0x0001_0000;

    public bool HasFailedAttempts => (Value & UserPinCountLow) != 0;
}

[CollectionDefinition(nameof(TokenDirectory))]
public sealed class TokenDirectoryCollection : ICollectionFixture<TokenDirectory>;
