using System.Reflection;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Millrace.Storage;
using Net.Pkcs11Interop.Common;
using Net.Pkcs11Interop.HighLevelAPI;

namespace Millrace.Pkcs11;

/// <summary>
/// A loaded PKCS#11 library. A process initializes each library once, and the login to a token is common to all its
/// sessions. Therefore, all master keys share the module, and it stays loaded until the process ends.
/// </summary>
internal sealed class Pkcs11Module
{
    private static readonly Lock Gate = new();
    private static readonly Dictionary<string, Pkcs11Module> Loaded = new(StringComparer.Ordinal);

    // Referenced for ever: an unreferenced library would be finalized, also for its other users.
    private static readonly List<IPkcs11Library> Forgotten = [];
    private static bool _hasResolver;

    private readonly Lock _loginGate = new();
    private readonly HashSet<string> _refusedPins = new(StringComparer.Ordinal);
    private readonly IPkcs11Library _library;

    private Pkcs11Module(IPkcs11Library library) => _library = library;

    public static Pkcs11InteropFactories Factories { get; } = new();

    /// <exception cref="KeyStoreException">The file is missing, or is not a PKCS#11 library.</exception>
    public static Pkcs11Module Load(string path)
    {
        lock (Gate)
        {
            if (Loaded.TryGetValue(path, out var known))
                return known;
            if (Path.IsPathRooted(path) && !File.Exists(path))
                throw Unusable(path, "the file does not exist", null);
            ResolveLoader();
            try
            {
                var library = Factories.Pkcs11LibraryFactory.LoadPkcs11Library(
                    Factories, path, AppType.MultiThreaded);
                return Loaded[path] = new Pkcs11Module(library);
            }
            catch (Exception exception) when (exception is UnmanagedException or DllNotFoundException
                or EntryPointNotFoundException or UnsupportedPlatformException)
            {
                throw Unusable(path, exception.Message, exception);
            }
        }
    }

    /// <summary>Forgets a library that another part of the process finalized. The next use initializes it.</summary>
    public static void Forget(string path)
    {
        lock (Gate)
        {
            if (Loaded.Remove(path, out var module))
                Forgotten.Add(module._library);
        }
    }

    /// <summary>Finds the slot with the token.</summary>
    /// <exception cref="KeyStoreException">There is no such token, or there are several.</exception>
    public ISlot FindSlot(Pkcs11Options options)
    {
        var slots = _library.GetSlotList(SlotsType.WithTokenPresent);
        var found = options.SlotId is { } id
            ? slots.Where(slot => slot.SlotId == (ulong)id).ToList()
            : slots.Where(slot => slot.GetTokenInfo().Label.TrimEnd() == options.TokenLabel).ToList();
        return found.Count switch
        {
            1 => found[0],
            0 => throw new KeyStoreException(
                $"There is no PKCS#11 token {options.TokenName} in {options.ModulePath}. Check that it is connected, "
                    + "and the configuration of the library.",
                StorageProblem.Unavailable),
            _ => throw new KeyStoreException(
                $"{found.Count} PKCS#11 tokens have the label '{options.TokenLabel}': set SlotId.",
                StorageProblem.Other),
        };
    }

    /// <summary>Logs in, unless another session of the process did. A refused PIN is not sent again.</summary>
    /// <exception cref="KeyStoreException">The PIN is wrong or locked, or one more wrong PIN would lock it.</exception>
    public void Login(ISession session, ISlot slot, Pkcs11Options options)
    {
        var token = slot.GetTokenInfo();
        var attempt = token.SerialNumber + ":"
            + Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(options.Pin)));
        lock (_loginGate)
        {
            if (_refusedPins.Contains(attempt))
                throw Pkcs11Failure.PinRefused(options, null);
            if (token.TokenFlags.UserPinLocked)
                throw Pkcs11Failure.PinLocked(options, null);
            if (token.TokenFlags.UserPinFinalTry)
                throw Pkcs11Failure.LastAttempt(options);
            try
            {
                session.Login(CKU.CKU_USER, options.Pin);
            }
            catch (Pkcs11Exception exception) when (exception.RV == CKR.CKR_USER_ALREADY_LOGGED_IN)
            {
                // Another session of this process logged in.
            }
            catch (Pkcs11Exception exception) when (Pkcs11Failure.IsPinRefused(exception.RV))
            {
                _refusedPins.Add(attempt);
                throw Pkcs11Failure.PinRefused(options, exception);
            }
        }
    }

    /// <summary>
    /// Pkcs11Interop loads libraries with <c>libdl.so</c>, which Linux distributions install only with their
    /// development files.
    /// </summary>
    private static void ResolveLoader()
    {
        if (_hasResolver || !OperatingSystem.IsLinux())
            return;
        _hasResolver = true;
        try
        {
            NativeLibrary.SetDllImportResolver(typeof(Pkcs11InteropFactories).Assembly, Resolve);
        }
        catch (InvalidOperationException)
        {
            // The application has its own resolver for Pkcs11Interop.
        }
    }

    private static nint Resolve(string library, Assembly assembly, DllImportSearchPath? paths) =>
        library == "libdl"
        && (NativeLibrary.TryLoad("libdl.so.2", out var handle) || NativeLibrary.TryLoad("libc.so", out handle))
            ? handle
            : 0; // The default search.

    private static KeyStoreException Unusable(string path, string reason, Exception? inner) =>
        new($"The PKCS#11 library {path} cannot be loaded: {reason}.", StorageProblem.Other, inner);
}
