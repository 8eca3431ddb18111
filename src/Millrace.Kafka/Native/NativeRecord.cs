using System.Runtime.InteropServices;
using Confluent.Kafka;

namespace Millrace.Kafka.Native;

/// <summary>
/// A record that librdkafka has brought, in its memory: until it is given back, which is when it is disposed. Where
/// there is none, nothing else may be asked of it.
/// </summary>
internal readonly unsafe ref struct NativeRecord(NativeMessage* message)
{
    /// <summary>Whether there is none: nothing came in time.</summary>
    public bool IsNone => message is null;

    /// <summary>What it is instead of a record.</summary>
    public ErrorCode Error => (ErrorCode)message->Error;

    public int Partition => message->Partition;

    public long Offset => message->Offset;

    public bool HasKey => message->Key != 0;

    public ReadOnlySpan<byte> Key => new((void*)message->Key, checked((int)message->KeyBytes));

    /// <summary>Whether its value is null, which is not the same as empty: in a compacted topic it deletes its
    /// key.</summary>
    public bool IsTombstone => message->Value == 0;

    public ReadOnlySpan<byte> Value => new((void*)message->Value, checked((int)message->ValueBytes));

    /// <summary>The headers, in their order.</summary>
    public Headers GetHeaders()
    {
        nint headers = 0; // Stays so where there are none.
        _ = Librdkafka.HeadersOf(message, &headers);
        return new Headers(headers);
    }

    public void Dispose()
    {
        if (!IsNone)
            Librdkafka.DestroyMessage(message);
    }

    /// <summary>Goes from header to header.</summary>
    public ref struct Headers(nint headers)
    {
        private nuint _next;

        public ReadOnlySpan<byte> Name { get; private set; }

        /// <summary>The value; empty where there is none.</summary>
        public ReadOnlySpan<byte> Value { get; private set; }

        public bool TryNext()
        {
            byte* name;
            byte* value;
            nuint bytes;
            if (headers == 0 || Librdkafka.GetHeader(headers, _next, &name, &value, &bytes) != 0)
                return false;
            _next++;
            Name = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(name);
            Value = new ReadOnlySpan<byte>(value, value is null ? 0 : checked((int)bytes));
            return true;
        }
    }
}
