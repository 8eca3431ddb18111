using Millrace.Events;

namespace Millrace.Testing.Conformance.Checks;

/// <summary>Contains checks that every property of an event is read exactly as it was written.</summary>
internal static class FidelityChecks
{
    public static IReadOnlyList<ConformanceCheck> All { get; } =
    [
        new("Every property of an event is stored exactly", Every_property),
        new("Properties without a value are read without a value", No_values),
        new("Payloads of any content are stored byte for byte", Payloads),
        new("A payload of a megabyte is stored exactly", A_large_payload),
        new("Tags of any content are stored in order", Tags),
        new("Names of types and sources are stored exactly, with any content", Names),
        new("Metadata texts of any content are stored exactly", Metadata_texts),
        new("Metadata that cannot be stored exactly is refused, and nothing is written", Lone_surrogates),
        new("Event ids of any value are stored exactly", Ids),
        new("Events of random content are stored exactly", Random_content),
    ];

    /// <summary>Throws unless an event equals the same event from another read.</summary>
    public static void ExpectSame(RecordedEvent expected, RecordedEvent actual)
    {
        Expect.Equal(
            (expected.Stream, expected.Version, expected.Position),
            (actual.Stream, actual.Version, actual.Position),
            "the stream, version and position");
        Expect.Equal(
            (expected.Timestamp, expected.Timestamp.Offset),
            (actual.Timestamp, actual.Timestamp.Offset),
            "the recorded time");
        ExpectProperties(
            expected.Id,
            expected.Type,
            expected.SchemaVersion,
            expected.ContentType,
            expected.Payload,
            expected.MetadataBytes,
            expected.Tags,
            actual);
        Expect.Equal(
            (expected.Source, expected.EncryptionKeyId, expected.CorrelationId, expected.CausationId),
            (actual.Source, actual.EncryptionKeyId, actual.CorrelationId, actual.CausationId),
            "the source, key, correlation and causation");
    }

    /// <summary>Throws unless a read event equals the appended event.</summary>
    public static void ExpectSame(EncodedEvent expected, RecordedEvent actual)
    {
        ExpectProperties(
            expected.Id,
            expected.Type,
            expected.SchemaVersion,
            expected.ContentType,
            expected.Payload,
            expected.MetadataBytes,
            expected.Tags,
            actual);
        Expect.Equal(
            (expected.Source, expected.EncryptionKeyId, expected.CorrelationId, expected.CausationId),
            (actual.Source, actual.EncryptionKeyId, actual.CorrelationId, actual.CausationId),
            "the source, key, correlation and causation");
    }

    private static void ExpectProperties(
        Guid id,
        string type,
        int schemaVersion,
        string contentType,
        ReadOnlyMemory<byte> payload,
        ReadOnlyMemory<byte> metadata,
        IEnumerable<Tag> tags,
        RecordedEvent actual)
    {
        Expect.Equal(
            (id, type, schemaVersion, contentType),
            (actual.Id, actual.Type, actual.SchemaVersion, actual.ContentType),
            "the id, type and content type");
        Expect.SameBytes(payload, actual.Payload, "the payload");
        Expect.SameBytes(metadata, actual.MetadataBytes, "the metadata");
        Expect.Same(tags, actual.Tags, "the tags");
    }

    private static async Task Every_property(StorageProbe probe) => await RoundTrip(probe, new EncodedEvent
    {
        Id = new Guid("0192f0c1-2345-7890-abcd-ef0123456789"),
        HasCallerId = true,
        Type = "order.placed",
        SchemaVersion = 3,
        ContentType = "application/x-protobuf; messageType=\"Order\"",
        Payload = """{"total":12.50}"""u8.ToArray(),
        MetadataBytes = """{"user":"anna","more":{"a":"b"}}"""u8.ToArray(),
        Source = "shop",
        EncryptionKeyId = "key-7",
        CorrelationId = new Guid("11111111-2222-3333-4444-555555555555"),
        CausationId = new Guid("66666666-7777-8888-9999-aaaaaaaaaaaa"),
        Tags = [new Tag("customer", "42"), new Tag("country", "DE")],
    });

    private static async Task No_values(StorageProbe probe)
    {
        var plain = new EncodedEvent { Id = Sample.Id(1), Type = "t", Payload = default };
        await RoundTrip(probe, plain);
        var recorded = (await probe.ReadLog()).One();
        Expect.Equal((1, EventContentType.Json), (recorded.SchemaVersion, recorded.ContentType), "the defaults");
        Expect.Equal(
            (null, null, null, null),
            (recorded.Source, recorded.EncryptionKeyId, recorded.CorrelationId, recorded.CausationId),
            "the properties without a value");
        Expect.True(recorded.Metadata.IsEmpty, $"the metadata is {recorded.Metadata}");
    }

    private static async Task Payloads(StorageProbe probe)
    {
        byte[][] payloads =
        [
            [],
            [0],
            [0, 0, 0],
            [0xff],
            "null"u8.ToArray(),
            "{"u8.ToArray(),
            "{\"a\":1,}"u8.ToArray(),
            "{\"a\":1,\"a\":2}"u8.ToArray(),
            "  {}  \r\n"u8.ToArray(),
            [0xEF, 0xBB, 0xBF, (byte)'{', (byte)'}'],
            [0xC3, 0x28],
            [0xED, 0xA0, 0x80],
            "\"\\ud800\""u8.ToArray(),
            "1e999"u8.ToArray(),
            [.. Enumerable.Range(0, 256).Select(value => (byte)value)],
            "'; drop table events; --"u8.ToArray(),
            "a\0b"u8.ToArray(),
        ];
        await RoundTrip(probe, [.. payloads.Select((payload, index) => new EncodedEvent
        {
            Id = Sample.Id(index), Type = "bytes", Payload = payload, MetadataBytes = payload,
        })]);
    }

    private static async Task A_large_payload(StorageProbe probe)
    {
        var payload = new byte[1024 * 1024];
        new Random(3).NextBytes(payload);
        await RoundTrip(
            probe,
            new EncodedEvent
            {
                Id = Sample.Id(1),
                Type = "bytes",
                ContentType = EventContentType.Binary,
                Payload = payload,
            }
        );
    }

    private static async Task Tags(StorageProbe probe)
    {
        var unusual = UnusualNames
            .All.Where(name => name.Length <= 120 && !name.Contains(':', StringComparison.Ordinal))
            .ToList();
        var events = unusual.Select(
            (name, index) =>
                Sample.Event(index, tags: [new Tag("z", name), new Tag(name, "1"), new Tag("a", $"{name}:{name}")]));
        await RoundTrip(
            probe,
            [
                .. events,
                Sample.Event(999, tags: [.. Enumerable.Range(0, 100).Select(number => new Tag("n", $"{number}"))]),
            ]
        );
    }

    private static async Task Names(StorageProbe probe)
    {
        var unusual = UnusualNames.All.Where(name => name.Length <= 128);
        await RoundTrip(
            probe,
            [
                .. unusual.Select(
                    (name, index) =>
                        new EncodedEvent
                        {
                            Id = Sample.Id(index),
                            Type = name,
                            ContentType = name,
                            Payload = default,
                            Source = name,
                            EncryptionKeyId = name,
                        }
                ),
            ]
        );
    }

    private static async Task Metadata_texts(StorageProbe probe)
    {
        string[] texts = [.. UnusualNames.All, "", "\0", "a\0b", "\ufffd", "\\ud800", "\u2028", "</script>"];
        await RoundTrip(probe, [.. texts.Select((text, index) => Encode(probe, index, About(text)))]);

        foreach (var (text, recorded) in texts.Zip(await probe.ReadLog(limit: 100)))
            Expect.Equal(About(text), recorded.Metadata, $"the metadata about '{text}'");
    }

    private static async Task Lone_surrogates(StorageProbe probe)
    {
        foreach (var loneSurrogate in new[] { "\ud83d", "\ude00", "a\ud83db", "\ude00\ud83d" })
        {
            EventMetadata[] refused =
            [
                new() { UserId = loneSurrogate },
                new() { SessionId = loneSurrogate },
                new() { RequestId = loneSurrogate },
                new() { Environment = loneSurrogate },
                new() { ApplicationVersion = loneSurrogate },
                new() { TraceParent = loneSurrogate },
                new() { Access = loneSurrogate },
                new() { Encryption = new EncryptionInfo(loneSurrogate, "key", []) },
                new() { Encryption = new EncryptionInfo("AES", "key", [loneSurrogate]) },
                new() { Extensions = EventMetadata.Empty.Extensions.Add(loneSurrogate, "") },
                new() { Extensions = EventMetadata.Empty.Extensions.Add("a", loneSurrogate) },
            ];
            foreach (var metadata in refused)
                await Expect.Throws<InvalidNameException>(
                    () => probe.Append("a", ExpectedVersion.Any, Encode(probe, 1, metadata)),
                    "metadata with a lone surrogate");
        }
        Expect.Equal(0, await probe.LastPosition(), "the head of the log");
    }

    private static EventMetadata About(string text) => new()
    {
        UserId = text,
        SessionId = text,
        RequestId = text,
        Environment = text,
        ApplicationVersion = text,
        TraceParent = text,
        Access = text,
        Encryption = new EncryptionInfo(text, "key", [text, ""]),
        Extensions = EventMetadata.Empty.Extensions.Add(text, text).Add("other " + text, ""),
    };

    /// <summary>Returns an event encoded as the event store passes it to the storage.</summary>
    private static EncodedEvent Encode(StorageProbe probe, int number, EventMetadata metadata) =>
        new EventSerializer(EventTypeMap.Empty, new EventLimits()).Encode(
            NewEvent.FromBytes("thing.happened", default) with { Id = Sample.Id(number), Metadata = metadata },
            new AppendContext(probe.Now, EventMetadata.Empty, default, null, null));

    private static async Task Ids(StorageProbe probe)
    {
        Guid[] ids =
        [
            Guid.Empty,
            Guid.AllBitsSet,
            new("00000001-0002-0003-0405-060708090a0b"),
            new("01000000-0200-0300-0504-030201000000"),
        ];
        await RoundTrip(
            probe,
            [
                .. ids.Select(id => new EncodedEvent
                {
                    Id = id,
                    Type = "t",
                    Payload = default,
                    CorrelationId = id,
                    CausationId = id,
                }),
            ]
        );
        foreach (var id in ids)
        {
            Expect.Equal(id, (await probe.Log.FindEvent(id, probe.Cancel))?.Id, "the event by its id");
            Expect.Equal(
                1,
                await probe.Log.Count(new EventFilter { CorrelationId = id }, probe.Cancel),
                "events by correlation");
        }
    }

    private static async Task Random_content(StorageProbe probe)
    {
        var random = new Random(17);
        await RoundTrip(
            probe,
            [
                .. Enumerable
                    .Range(0, 500)
                    .Select(number => new EncodedEvent
                    {
                        Id = Sample.Id(number),
                        HasCallerId = random.Next(2) == 0,
                        Type = $"type.{random.Next(20)}",
                        SchemaVersion = random.Next(1, 1000),
                        Payload = Bytes(random),
                        MetadataBytes = Bytes(random),
                        Source = random.Next(2) == 0 ? null : $"source {random.Next(5)}",
                        EncryptionKeyId = random.Next(2) == 0 ? null : $"key {random.Next(5)}",
                        CorrelationId = random.Next(2) == 0 ? null : Sample.Id(random.Next(10)),
                        CausationId = random.Next(2) == 0 ? null : Sample.Id(random.Next(10)),
                        Tags =
                        [
                            .. Enumerable
                                .Range(0, random.Next(4))
                                .Select(index => new Tag($"tag{index}", $"{random.Next(10)}")),
                        ],
                    }),
            ]
        );
    }

    private static byte[] Bytes(Random random)
    {
        var bytes = new byte[random.Next(4) == 0 ? 0 : random.Next(2_000)];
        random.NextBytes(bytes);
        return bytes;
    }

    private static async Task RoundTrip(StorageProbe probe, params EncodedEvent[] events)
    {
        await probe.Append("fidelity", ExpectedVersion.NoStream, events);

        var log = await probe.ReadLog(limit: 100);
        Expect.Equal(events.Length, log.Count, "events in the log");
        for (var i = 0; i < events.Length; i++)
            ExpectSame(events[i], log[i]);
    }
}
