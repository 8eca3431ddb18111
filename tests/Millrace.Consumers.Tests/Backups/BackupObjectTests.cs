using System.Buffers.Binary;
using Millrace.Backups.Format;

namespace Millrace.Tests.Backups;

/// <summary>Tests the bytes of backup objects, which other programs can read.</summary>
public sealed class BackupObjectTests
{
    private const int PrefixBytes = 12;
    private const int HashBytes = 32;

    [Fact]
    public void An_object_without_content_has_no_compressed_bytes()
    {
        var info = new BackupInfo { Kind = "tables", Store = Guid.NewGuid(), Epoch = 1 };

        var built = BackupObject.Build(info, [], null).Bytes.Span;

        Assert.Equal(PrefixBytes + BinaryPrimitives.ReadInt32LittleEndian(built[8..]) + HashBytes, built.Length);
        Assert.Equal(0, BackupObject.Open(built, null).Content.Length);
    }
}
