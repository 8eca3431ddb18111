using System.Security.Cryptography;

namespace Millrace.Tests.Auditing;

/// <summary>A folder with keys for seals and with anchors, which Dispose deletes.</summary>
internal sealed class SealKeys : IDisposable
{
    public SealKeys()
    {
        Directory = System.IO.Directory.CreateTempSubdirectory("millrace-seals-").FullName;
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Key = Write("key.pem", key.ExportPkcs8PrivateKeyPem());
        PublicKey = Write("public.pem", key.ExportSubjectPublicKeyInfoPem());
    }

    public string Directory { get; }

    public string Key { get; }

    public string PublicKey { get; }

    public string Anchors => Path.Combine(Directory, "anchors.jsonl");

    public SealOptions Options() => new()
    {
        KeyFile = Key,
        Interval = TimeSpan.FromMilliseconds(100),
        AnchorFile = Anchors,
    };

    public SealEvidence Evidence() => new() { KeyFiles = [PublicKey], AnchorFiles = [Anchors] };

    public string Write(string name, string text)
    {
        var path = Path.Combine(Directory, name);
        File.WriteAllText(path, text);
        return path;
    }

    public void Dispose() => System.IO.Directory.Delete(Directory, recursive: true);
}
