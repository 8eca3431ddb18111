using Millrace.Storage;
using Net.Pkcs11Interop.Common;

namespace Millrace.Pkcs11;

/// <summary>Translates the errors of tokens.</summary>
internal static class Pkcs11Failure
{
    /// <summary>Returns whether a new session may succeed.</summary>
    public static bool IsSessionLost(CKR code) => code is CKR.CKR_SESSION_HANDLE_INVALID or CKR.CKR_SESSION_CLOSED
        or CKR.CKR_USER_NOT_LOGGED_IN or CKR.CKR_KEY_HANDLE_INVALID or CKR.CKR_OBJECT_HANDLE_INVALID
        or CKR.CKR_DEVICE_REMOVED or CKR.CKR_TOKEN_NOT_PRESENT or CKR.CKR_DEVICE_ERROR or CKR.CKR_OPERATION_ACTIVE
        or CKR.CKR_CRYPTOKI_NOT_INITIALIZED or CKR.CKR_SLOT_ID_INVALID;

    /// <summary>Returns whether the error is possibly caused by changed bytes.</summary>
    public static bool MayBeChangedBytes(CKR code) => code is CKR.CKR_ENCRYPTED_DATA_INVALID
        or CKR.CKR_ENCRYPTED_DATA_LEN_RANGE or CKR.CKR_DATA_INVALID or CKR.CKR_DATA_LEN_RANGE
        or CKR.CKR_SIGNATURE_INVALID or CKR.CKR_FUNCTION_FAILED or CKR.CKR_GENERAL_ERROR;

    public static bool IsPinRefused(CKR code) => code is CKR.CKR_PIN_INCORRECT or CKR.CKR_PIN_INVALID
        or CKR.CKR_PIN_LEN_RANGE or CKR.CKR_PIN_LOCKED or CKR.CKR_PIN_EXPIRED or CKR.CKR_USER_PIN_NOT_INITIALIZED;

    /// <summary>Returns the error of a token that is not usable.</summary>
    public static KeyStoreException Of(Pkcs11Exception exception, Pkcs11Options options) =>
        new(
            $"The PKCS#11 token {options.TokenName} in {options.ModulePath} failed: {exception.RV} in "
                + $"{exception.Method}.",
            StorageProblem.Unavailable, exception);

    public static KeyStoreException PinRefused(Pkcs11Options options, Pkcs11Exception? exception) =>
        exception?.RV == CKR.CKR_PIN_LOCKED
            ? PinLocked(options, exception)
            : new(
                $"The PKCS#11 token {options.TokenName} refuses the PIN ({exception?.RV ?? CKR.CKR_PIN_INCORRECT}). It "
                    + "is not tried again, because tokens lock after several wrong PINs. Correct the PIN, and restart "
                    + "the application.",
                StorageProblem.Other, exception);

    public static KeyStoreException PinLocked(Pkcs11Options options, Pkcs11Exception? exception) =>
        new(
            $"The PIN of the PKCS#11 token {options.TokenName} is locked. The security officer of the token can unlock "
                + "it.",
            StorageProblem.Other, exception);

    public static KeyStoreException LastAttempt(Pkcs11Options options) =>
        new(
            $"One more wrong PIN locks the PKCS#11 token {options.TokenName}, so Millrace does not log in. Log in with "
                + "another tool, which resets the count of attempts.",
            StorageProblem.Other);
}
