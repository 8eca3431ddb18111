using System.Text;
using Millrace.Events;

namespace Millrace.Tests.Events;

/// <summary>Metadata as it is stored and read, well-formed or not.</summary>
public sealed class MetadataTests
{
    [Fact]
    public async Task Metadata_of_an_append_with_half_of_a_surrogate_pair_is_refused_and_changes_nothing()
    {
        await using var store = await Given.Store();
        var request = new AppendRequest { Metadata = new EventMetadata { UserId = "anna\ud83d" } };
        request.To(new StreamId("order-1"), ExpectedVersion.Any, [Given.Event()]);

        var refused = await Assert.ThrowsAsync<InvalidNameException>(() => store.Append(request));

        Assert.Equal("text in metadata", refused.Kind);
        Assert.Equal(0, (await store.GetToken()).Position);
        // And the next one is whole.
        await store.Append(new StreamId("order-1"), ExpectedVersion.NoStream, [Given.Event()]);
    }

    [Fact]
    public void Encrypted_fields_that_were_not_given_are_none()
    {
        var metadata = new EventMetadata { Encryption = new EncryptionInfo("AES", "key", default) };

        Assert.Equal(metadata, Read(Encoding.UTF8.GetString(MetadataJson.Write(metadata).Span)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("5")]
    [InlineData("{}{}")]
    [InlineData("{\"user\":5}")]
    [InlineData("{\"user\":\"\\ud800\"}")]
    [InlineData("{\"encryption\":5}")]
    [InlineData("{\"encryption\":{}}")]
    [InlineData("{\"encryption\":{\"algorithm\":1,\"key\":\"k\",\"fields\":[]}}")]
    [InlineData("{\"encryption\":{\"algorithm\":\"a\",\"key\":\"k\",\"fields\":{}}}")]
    [InlineData("{\"more\":[]}")]
    [InlineData("{\"more\":{\"a\":{\"b\":[1,null]}}}")]
    [InlineData("{\"a\":1,\"a\":2}")]
    public void Stored_bytes_that_are_no_metadata_crash_no_reader(string bytes) => Assert.NotNull(Read(bytes));

    [Fact]
    public void Stored_bytes_of_every_hostile_file_crash_no_reader()
    {
        foreach (var file in HostileFiles.Own.Concat(HostileFiles.Shared ?? []))
            Assert.NotNull(MetadataJson.Read(File.ReadAllBytes(file), "shop").Source);
    }

    private static EventMetadata Read(string json) => MetadataJson.Read(Encoding.UTF8.GetBytes(json), source: null);
}
