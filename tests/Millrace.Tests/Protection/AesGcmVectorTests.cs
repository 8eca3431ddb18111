using System.Security.Cryptography;

namespace Millrace.Tests.Protection;

/// <summary>
/// Known answers for AES-256-GCM (test cases 13 to 16 of the GCM specification, which NIST refers to) and for
/// HKDF-Expand (RFC 5869, test case 1), for the implementation that this platform provides.
/// </summary>
public sealed class AesGcmVectorTests
{
    private const string Key = "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308";
    private const string NoKey = "0000000000000000000000000000000000000000000000000000000000000000";
    private const string Nonce = "cafebabefacedbaddecaf888";
    private const string Plain =
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
            + "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39";
    private const string Cipher =
        "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
            + "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662";

    [Theory]
    [InlineData(NoKey, "000000000000000000000000", "", "", "", "530f8afbc74536b9a963b4f1c4cb738b")]
    [InlineData(NoKey, "000000000000000000000000", "00000000000000000000000000000000", "",
        "cea7403d4d606b6e074ec5d3baf39d18", "d0d1c8a799996bf0265b98b5d48ab919")]
    [InlineData(Key, Nonce, Plain + "1aafd255", "", Cipher + "898015ad", "b094dac5d93471bdec1a502270e3cc6c")]
    [InlineData(Key, Nonce, Plain, "feedfacedeadbeeffeedfacedeadbeefabaddad2", Cipher,
        "76fc6ece0f4e1768cddf8853bb2d551b")]
    public void Encryption_has_the_known_result(
        string key, string nonce, string plain, string additional, string cipher, string tag)
    {
        using var aes = new AesGcm(Convert.FromHexString(key), 16);
        var text = Convert.FromHexString(plain);
        var encrypted = new byte[text.Length];
        var actualTag = new byte[16];

        aes.Encrypt(Convert.FromHexString(nonce), text, encrypted, actualTag, Convert.FromHexString(additional));

        Assert.Equal((cipher, tag), (Convert.ToHexStringLower(encrypted), Convert.ToHexStringLower(actualTag)));
    }

    [Fact]
    public void Derived_keys_have_the_known_result()
    {
        var output = new byte[42];

        HKDF.Expand(
            HashAlgorithmName.SHA256,
            Convert.FromHexString("077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5"),
            output,
            Convert.FromHexString("f0f1f2f3f4f5f6f7f8f9"));

        Assert.Equal(
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
            Convert.ToHexStringLower(output));
    }
}
