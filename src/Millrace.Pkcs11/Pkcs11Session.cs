using System.Security.Cryptography;
using System.Text;
using Millrace.Storage;
using Net.Pkcs11Interop.Common;
using Net.Pkcs11Interop.HighLevelAPI;
using Net.Pkcs11Interop.HighLevelAPI.MechanismParams;

namespace Millrace.Pkcs11;

/// <summary>A session with a token after the login, and the master key in it. Used by one thread at a time.</summary>
internal sealed class Pkcs11Session
{
    private const ulong NonceBits = 96;
    private const ulong TagBits = 128;
    private const ulong KeyBytes = 32;

    private readonly ISession _session;
    private readonly IObjectHandle _key;

    private Pkcs11Session(ISession session, IObjectHandle key)
    {
        (_session, _key) = (session, key);
        Id = "pkcs11-" + Fingerprint();
    }

    /// <summary>Gets the id of the master key, which is derived from the key and reveals nothing about it.</summary>
    public string Id { get; }

    /// <exception cref="KeyStoreException">The library, the token, the PIN or the key is not usable.</exception>
    public static Pkcs11Session Open(Pkcs11Options options)
    {
        ISession? session = null;
        try
        {
            var module = Pkcs11Module.Load(options.ModulePath);
            var slot = module.FindSlot(options);
            if (!slot.GetMechanismList().Contains(CKM.CKM_AES_GCM))
                throw Unusable(options, "The token does not support AES-GCM (CKM_AES_GCM).");
            session = slot.OpenSession(SessionType.ReadOnly);
            module.Login(session, slot, options);
            return new Pkcs11Session(session, FindKey(session, options));
        }
        catch
        {
            if (session is not null)
                Close(session);
            throw;
        }
    }

    public byte[] Encrypt(byte[] nonce, byte[] authenticated, byte[] plain)
    {
        using var parameters = Parameters(nonce, authenticated);
        using var mechanism = Pkcs11Module.Factories.MechanismFactory.Create(CKM.CKM_AES_GCM, parameters);
        return _session.Encrypt(mechanism, _key, plain);
    }

    public byte[] Decrypt(byte[] nonce, byte[] authenticated, byte[] encrypted)
    {
        using var parameters = Parameters(nonce, authenticated);
        using var mechanism = Pkcs11Module.Factories.MechanismFactory.Create(CKM.CKM_AES_GCM, parameters);
        return _session.Decrypt(mechanism, _key, encrypted);
    }

    public void Close() => Close(_session);

    private static void Close(ISession session)
    {
        try
        {
            session.Dispose();
        }
        catch (Pkcs11Exception)
        {
            // The token closed it already.
        }
    }

    private static IObjectHandle FindKey(ISession session, Pkcs11Options options)
    {
        var attributes = Pkcs11Module.Factories.ObjectAttributeFactory;
        var found = session.FindAllObjects(
        [
            attributes.Create(CKA.CKA_CLASS, CKO.CKO_SECRET_KEY),
            attributes.Create(CKA.CKA_KEY_TYPE, CKK.CKK_AES),
            attributes.Create(CKA.CKA_LABEL, options.KeyLabel),
        ]);
        if (found.Count != 1)
            throw Unusable(
                options,
                found.Count == 0
                    ? "There is no AES key with this label. Create it in the token, or check KeyLabel."
                    : $"{found.Count} AES keys have this label. Give the master key its own label.");
        CheckKey(session, found[0], options);
        return found[0];
    }

    /// <summary>Checks that the key cannot leave the token, and that it may be used.</summary>
    private static void CheckKey(ISession session, IObjectHandle key, Pkcs11Options options)
    {
        var values = session.GetAttributeValue(
            key,
            [
                CKA.CKA_SENSITIVE,
                CKA.CKA_EXTRACTABLE,
                CKA.CKA_ENCRYPT,
                CKA.CKA_DECRYPT,
                CKA.CKA_VALUE_LEN,
            ]);
        if (!values[0].GetValueAsBool() || values[1].GetValueAsBool())
            throw Unusable(
                options, "The key can leave the token. Use a key that is sensitive and not extractable.");
        if (!values[2].GetValueAsBool() || !values[3].GetValueAsBool())
            throw Unusable(options, "The key may not encrypt and decrypt (CKA_ENCRYPT, CKA_DECRYPT).");
        if (values[4].GetValueAsUlong() is not KeyBytes and var length)
            throw Unusable(options, $"The key has {length * 8} bits instead of 256.");
    }

    /// <summary>
    /// Encrypts a fixed text with a fixed nonce. Different keys give different results. All other nonces are random, so
    /// the nonce is never used with another text.
    /// </summary>
    private string Fingerprint()
    {
        var nonce = SHA256.HashData("millrace master key nonce"u8)[..12];
        var encrypted = Encrypt(nonce, [], Encoding.UTF8.GetBytes("millrace master key id"));
        return Convert.ToHexStringLower(SHA256.HashData(encrypted).AsSpan(0, 8));
    }

    private static ICkGcmParams Parameters(byte[] nonce, byte[] authenticated) =>
        Pkcs11Module.Factories.MechanismParamsFactory.CreateCkGcmParams(nonce, NonceBits, authenticated, TagBits);

    private static KeyStoreException Unusable(Pkcs11Options options, string reason) =>
        new(
            $"The key '{options.KeyLabel}' of the PKCS#11 token {options.TokenName} cannot be used: {reason}",
            StorageProblem.Other);
}
