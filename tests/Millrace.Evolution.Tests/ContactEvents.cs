namespace Millrace.Tests;

/// <summary>The address of a contact. The address and the phone were separate events, and are now one event.</summary>
[Event("contact.address-set")]
public sealed record AddressSet(string Address)
{
    /// <summary>Upcasts an address without a phone event to a contact without a phone.</summary>
    [Upcast]
    public static ContactSet Alone(AddressSet old) => new(old.Address, null);
}

/// <summary>The first version of <see cref="PhoneSet"/>.</summary>
[Event("contact.phone-set", Version = 1)]
public sealed record PhoneSetV1(long Number)
{
    [Upcast]
    public static PhoneSet Up(PhoneSetV1 old) => new($"+44 {old.Number}");
}

[Event("contact.phone-set", Version = 2)]
public sealed record PhoneSet(string Phone);

[Event("contact.set")]
public sealed record ContactSet(string? Address, string? Phone)
{
    [Upcast]
    public static ContactSet Both(AddressSet address, PhoneSet phone) => new(address.Address, phone.Phone);
}

[Event("contact.called")]
public sealed record ContactCalled(int Minutes);

/// <summary>The data of a contact, and the number of its events.</summary>
[Projection("contact-cards", Version = 1)]
public sealed partial class ContactCards : Projection<string, ContactCard>
{
    public static string Key(ContactSet set, RecordedEvent recorded) => recorded.Stream.Key;

    public static ContactCard Apply(ContactCard? card, ContactSet set) =>
        new(set.Address ?? card?.Address, set.Phone ?? card?.Phone, (card?.Events ?? 0) + 1);

    public static string Key(PhoneSet set, RecordedEvent recorded) => recorded.Stream.Key;

    public static ContactCard Apply(ContactCard? card, PhoneSet set) =>
        new(card?.Address, set.Phone, (card?.Events ?? 0) + 1);
}

public sealed record ContactCard(string? Address, string? Phone, int Events);
