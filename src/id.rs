//! Ids inside a loaded bundle: dense integers, one type for each kind, so that they cannot be mixed up.

macro_rules! ids {
    ($($(#[doc = $doc:literal])+ $name:ident;)+) => {
        $($(#[doc = $doc])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u32);

        impl $name {
            /// Position in the columns of its kind.
            pub fn index(self) -> usize {
                self.0 as usize
            }
        })+
    };
}
ids! {
    /// A product; products are in order of their SKU.
    ProductId;
    /// An alias of a SKU, in order of its text.
    AliasId;
    /// A promotion; promotions are in running order.
    RuleId;
    /// A promotion group, in running order.
    GroupId;
    /// A rebate program, in order of its id.
    ProgramId;
    /// A price table; prices first, then floors, each in order of search.
    AccessId;
    /// A freight table, in file order.
    FreightId;
    /// One record of a price table.
    RecordId;
    /// The dealer's side of a price key.
    ScopeId;
    /// A value of an axis: a grade, region, channel, dealer, source, category or brand.
    ValueId;
    /// A text of the bundle.
    TextId;
    /// A condition on dealer and order, shared by the rules that have it.
    AudienceId;
    /// A budget, in order of its id.
    BudgetId;
    /// A further unit of a product, in order of the products, smaller ones first.
    UnitId;
    /// A coupon code, in order of its hash.
    CouponId;
    /// What a record says of its registration.
    RegistrationId;
}
